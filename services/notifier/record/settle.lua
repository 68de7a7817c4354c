-- Records how an attempt ended, with its line in the delivery log and its event in the feed, all at once.
-- See want.lua for the record.
--
-- KEYS[1]  delivery record
-- KEYS[2]  delivery log (stream)
-- KEYS[3]  feed (stream)
-- KEYS[4]  failing (hash), see failing.lua
-- KEYS[5]  pace of the destination (hash): `held` until when it is left alone, and `held_urgent` until when what is
--          critical leaves it alone, ms; see pace.lua
-- KEYS[6]  wanted (sorted set), see look-again.lua
-- ARGV[1]  id of the event that the attempt was for
-- ARGV[2]  holder, as in claim.lua
-- ARGV[3]  'delivered' in step now | 'failed' will be tried again | 'dropped' will not be tried again |
--          'waits' has its moment later, which a later event need not wait for: it brings it all
-- ARGV[4]  how long the record is kept at least, ms
-- ARGV[5]  line for the log, '' for none
-- ARGV[6]  about how many lines the log keeps
-- ARGV[7]  type of the feed event, '' for none
-- ARGV[8]  the feed event
-- ARGV[9]  what to keep for the next attempt, '' to leave it as it is
-- ARGV[10] '1': this attempt sent nothing, so that it counts for none
-- ARGV[11] the destination's field in failing: once something has arrived its failures are forgotten
-- ARGV[12] for how long the destination is to be left alone, ms; '0' it did not ask for that
-- ARGV[13] the same for what is critical
-- ARGV[14] the delivery as `wanted` holds it
--
-- returns 1 recorded, 0 the turn was no longer ours and nothing new was learnt: nothing was written

local record, log, feed, failing = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local event, holder, result, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

-- Said to whoever heard it, whosever the turn is by now.
local hold = tonumber(ARGV[12])
if hold > 0 then
  local pace = KEYS[5]
  local clock = redis.call('TIME')
  local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
  local held, urgent = unpack(redis.call('HMGET', pace, 'held', 'held_urgent'))
  held = math.max(now + hold, tonumber(held) or 0)
  urgent = math.max(now + tonumber(ARGV[13]), tonumber(urgent) or 0)
  redis.call('HSET', pace, 'held', held, 'held_urgent', urgent)
  keep(pace, held - now + 60000)
end

local lease, delivered = unpack(redis.call('HMGET', record, 'lease', 'delivered'))
local ours = lease and lease:match('^(%S+)') == holder
local behind = not delivered or after(event, delivered)

-- A delivery is a fact even when the turn has gone to someone else.
if not ours and not (result == 'delivered' and behind) then
  return 0
end

local wanted = 'wanted:' .. event
if result == 'failed' then
  redis.call('HSET', record, wanted, 'failed')
elseif result == 'waits' then
  redis.call('HSET', record, wanted, 0)
elseif result == 'dropped' then
  redis.call('HSET', record, 'dropped:' .. event, 1)
end
local over = {}
if ours then
  over[#over + 1] = 'lease'
end
if result ~= 'failed' and result ~= 'waits' then
  over[#over + 1] = wanted
  redis.call('ZREM', KEYS[6], ARGV[14])
end
if #over > 0 then
  redis.call('HDEL', record, unpack(over))
end
if result == 'delivered' and behind then
  redis.call('HSET', record, 'delivered', event)
end
if result == 'delivered' and ARGV[10] ~= '1' then
  redis.call('HDEL', failing, ARGV[11])
end
if ARGV[9] ~= '' then
  redis.call('HSET', record, 'kept', ARGV[9])
end
if ours then
  if ARGV[10] == '1' then
    redis.call('HINCRBY', record, 'tried', -1)
  end
end
keep(record, ttl)
if ARGV[5] ~= '' then
  redis.call('XADD', log, 'MAXLEN', '~', ARGV[6], '*', 'attempt', ARGV[5])
end
if ARGV[7] ~= '' then
  redis.call('XADD', feed, '*', 'type', ARGV[7], 'event', ARGV[8])
end
return 1
