-- Names deliveries of a workspace that have been wanted for a while, so that somebody looks whether the queue still has
-- them, and puts them off until they are to be looked at again.
--
-- KEYS[1]  wanted (sorted set): a delivery (see wanted.ts) → Redis ms since which nobody has looked
-- ARGV[1]  how long a delivery is left alone at first, ms
-- ARGV[2]  and after it has been looked at, ms
-- ARGV[3]  how old its event may be, ms: what is older is forgotten
-- ARGV[4]  how many at most
--
-- returns {seen, deliveries}: how many there were, and those that are to be looked at

local first, later, oldest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - first, 'LIMIT', 0, ARGV[4])
local wanted = {}
for _, delivery in ipairs(found) do
  if tonumber(delivery:match('^%["(%d+)')) + oldest < now then
    redis.call('ZREM', KEYS[1], delivery)
  else
    redis.call('ZADD', KEYS[1], now - first + later, delivery)
    wanted[#wanted + 1] = delivery
  end
end
return { #found, wanted }
