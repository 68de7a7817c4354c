-- Counts a failed attempt at a destination of which none has succeeded since. After a silence the count begins anew:
-- nobody knows what would have come of attempts that were not made.
--
-- KEYS[1]  failing (hash): destination → `<since ms> <attempts> <last ms>`
-- ARGV[1]  destination
-- ARGV[2]  silence, ms: longer than any pause between two attempts of one delivery
--
-- returns {now, since, attempts}: Redis time and since when all have failed, ms; how many, this one included

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local known = redis.call('HGET', KEYS[1], ARGV[1])
local since, attempts = now, 0
if known then
  local first, count, last = known:match('^(%d+) (%d+) (%d+)$')
  if last and tonumber(last) + tonumber(ARGV[2]) > now then
    since, attempts = tonumber(first), tonumber(count)
  end
end
attempts = attempts + 1
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %d %d', since, attempts, now))
return { now, since, attempts }
