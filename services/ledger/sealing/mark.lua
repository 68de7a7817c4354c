-- Notes in Redis what has been sealed, and lets the feed go so far.
--
-- KEYS[1]   sealed (hash): how far the log has come
-- KEYS[2]   feed (stream)
-- KEYS[3…]  for each request: its entries (sorted set), index → index
-- ARGV[1]   the consumer group
-- ARGV[2]   how many fields of `sealed` follow, then each with its value
-- ARGV      then how many feed ids follow, and they
-- ARGV      then how long the entries of a request are known, ms
-- ARGV      then for each request how many indexes follow, and they

local at = 2
local function take()
  local count = tonumber(ARGV[at])
  local taken = { unpack(ARGV, at + 1, at + count) }
  at = at + count + 1
  return taken
end

redis.call('HSET', KEYS[1], unpack(take()))
local ids = take()
if #ids > 0 then
  redis.call('XACK', KEYS[2], ARGV[1], unpack(ids))
end
local ttl = ARGV[at]
at = at + 1
for i = 3, #KEYS do
  local scored = {}
  for _, index in ipairs(take()) do
    scored[#scored + 1] = index
    scored[#scored + 1] = index
  end
  redis.call('ZADD', KEYS[i], unpack(scored))
  redis.call('PEXPIRE', KEYS[i], ttl)
end
return 1
