-- Notes in Redis what has been sealed, and lets the feed go so far.
--
-- KEYS[1]   sealed (hash): how far the log has come
-- KEYS[2]   feed (stream)
-- KEYS[3…]  for each request: its entries (sorted set), index → index
-- ARGV[1]   the consumer group
-- ARGV[2]   how many fields of `sealed` follow, then each with its value
-- ARGV      then the last event that is sealed, and how many there ever were up to it
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
redis.call('XGROUP', 'SETID', KEYS[2], ARGV[1], ARGV[at], 'ENTRIESREAD', ARGV[at + 1])
local ttl = ARGV[at + 2]
at = at + 3
for i = 3, #KEYS do
  for _, index in ipairs(take()) do
    redis.call('ZADD', KEYS[i], index, index)
  end
  redis.call('PEXPIRE', KEYS[i], ttl)
end
return 1
