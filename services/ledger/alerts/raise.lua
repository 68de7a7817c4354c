-- Raises an alert, once: the alert and its event, or neither.
--
-- KEYS[1]  alerts (hash)
-- KEYS[2]  the new alert (hash)
-- KEYS[3]  feed (stream)
-- ARGV[1]  what it is about: the field of `alerts`
-- ARGV[2]  id of the last alert about that, '' where there is none
-- ARGV[3]  id of the new one
-- ARGV[4]  its record
-- ARGV[5]  type of the event
-- ARGV[6]  the event
--
-- returns 1 raised, 0 the last alert about it is another one by now

if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('HSET', KEYS[2], 'record', ARGV[4])
redis.call('XADD', KEYS[3], '*', 'type', ARGV[5], 'event', ARGV[6])
return 1
