-- Counts a failed attempt at a destination of which none has succeeded since.
--
-- KEYS[1]  failing (hash): destination → `<since ms> <attempts>`
-- ARGV[1]  destination
--
-- returns {now, since, attempts}: Redis time and since when all have failed, ms; how many, this one included

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local known = redis.call('HGET', KEYS[1], ARGV[1])
local since, attempts = now, 0
if known then
  since, attempts = known:match('^(%d+) (%d+)$')
end
attempts = tonumber(attempts) + 1
redis.call('HSET', KEYS[1], ARGV[1], since .. ' ' .. attempts)
return { now, tonumber(since), attempts }
