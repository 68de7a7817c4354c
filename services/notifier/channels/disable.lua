-- Takes a destination out of use and puts that on record, if nobody has changed it meanwhile.
--
-- KEYS[1]  destinations (hash)
-- KEYS[2]  feed (stream)
-- ARGV[1]  id of the destination
-- ARGV[2]  the destination as it was found
-- ARGV[3]  the destination as it is to be
-- ARGV[4]  type of the event
-- ARGV[5]  the event
--
-- returns 1 disabled, 0 it had been changed or removed: nothing was written

if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('XADD', KEYS[2], '*', 'type', ARGV[4], 'event', ARGV[5])
return 1
