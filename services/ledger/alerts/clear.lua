-- Clears an alert, once: the alert and its event, or neither.
--
-- KEYS[1]  the alert (hash)
-- KEYS[2]  feed (stream)
-- ARGV[1]  its record as it was read
-- ARGV[2]  its record from now on
-- ARGV[3]  how long it is kept, ms
-- ARGV[4]  type of the event
-- ARGV[5]  the event
--
-- returns 1 cleared, 0 it was changed meanwhile, or is gone

if redis.call('HGET', KEYS[1], 'record') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'record', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('XADD', KEYS[2], '*', 'type', ARGV[4], 'event', ARGV[5])
return 1
