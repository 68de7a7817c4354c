-- Lets an agent ask again before its time is over: the throttle as it was read, and no later one.
--
-- KEYS[1]  the agent's throttle
-- KEYS[2]  throttles (sorted set)
-- KEYS[3]  feed (stream)
-- ARGV[1]  the throttle as it was read
-- ARGV[2]  the agent
-- ARGV[3]  type of the event
-- ARGV[4]  the event
-- ARGV[5]  channel on which a change is told
--
-- returns 1 lifted, 0 it is another one by now, or over

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('XADD', KEYS[3], '*', 'type', ARGV[3], 'event', ARGV[4])
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('PUBLISH', ARGV[5], '*')
return 1
