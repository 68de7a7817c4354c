-- Notes that a destination is to be brought to the state that an event announced.
--
-- KEYS[1]  delivery record (hash) of one destination and one request
-- KEYS[2]  wanted (sorted set), see look-again.lua
-- ARGV[1]  id of the event
-- ARGV[2]  how long the record is kept at least, ms
-- ARGV[3]  the delivery as `wanted` holds it
--
-- returns 1 wanted, 0 the destination has been brought as far already, or it was given up
--
-- The record's fields: `delivered` id of the event that the destination is in step with; `wanted:<event id>`
-- the Redis time in ms at which it was first wanted, or `failed` once an attempt has failed; `lease`
-- `<holder> <until ms> <event id> <1: an earlier attempt never recorded its end>` while an attempt is under way;
-- `dropped:<event id>` of what was given up or made moot, should the feed hand it over again; `tried` how many attempts
-- may have sent something (counted when they begin: one that never comes back may have); `kept` what a channel wants at
-- its next attempt.

local record, event, ttl = KEYS[1], ARGV[1], ARGV[2]
local delivered, dropped = unpack(redis.call('HMGET', record, 'delivered', 'dropped:' .. event))
if dropped or (delivered and not after(event, delivered)) then
  return 0
end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('HSETNX', record, 'wanted:' .. event, now)
redis.call('ZADD', KEYS[2], now, ARGV[3])
keep(record, ttl)
return 1
