-- Takes the turn to bring a destination to a request's state, or says why not. See want.lua for the record.
--
-- KEYS[1]  delivery record
-- KEYS[2]  request, or alert (hash)
-- KEYS[3]  its first payload
-- KEYS[4]  detail of its outcome
-- KEYS[5]  destinations (hash)
-- KEYS[6]  versions of the workspace (hash)
-- KEYS[7]  pace of the destination (hash), see settle.lua
-- KEYS[8]  wanted (sorted set), see look-again.lua
-- ARGV[1]  id of the event that the attempt is for
-- ARGV[2]  holder: names this attempt and no other; asking again by the same name, as after a lost answer, is the same turn
-- ARGV[3]  lease, ms: longer than an attempt can take
-- ARGV[4]  patience, ms: an older event that was never tried for so long is no longer waited for
-- ARGV[5]  how long the record is kept at least, ms
-- ARGV[6]  id of the destination
-- ARGV[7]  '1': the request is critical, and waits less for a destination that asked to be left alone
-- ARGV[8]  the delivery as `wanted` holds it
--
-- returns {'go', now, interrupted, tried, kept, request, payload, detail, destination, versions}
--                                   the turn is ours; interrupted 1: an earlier attempt for this event never
--                                   recorded its end; tried 1: an earlier attempt, for any event, may have
--                                   sent something;
--                                   kept: what a delivery asked to be kept, or '';
--                                   the next four as they are now, nil where there is none;
--                                   versions: of directory, policy and preferences, and Redis' run
--         {'done', now}             the destination is in step with this event or a later one, or it was given up
--         {'superseded', now}       an attempt has failed and a later event is wanted: that one brings it all
--         {'busy', now}             another attempt is under way, or an older event comes first
--         {'held', now, til, request} the destination asked to be left alone until then; the request as it is now
--         now, til: Redis time in ms

local record, event, holder = KEYS[1], ARGV[1], ARGV[2]
local lease, patience, ttl = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local fields = redis.call('HGETALL', record)
local values = {}
local wanted = {}
for i = 1, #fields, 2 do
  values[fields[i]] = fields[i + 1]
  local id = fields[i]:match('^wanted:(.+)$')
  if id then
    wanted[id] = fields[i + 1]
  end
end

if values['dropped:' .. event] or (values.delivered and not after(event, values.delivered)) then
  redis.call('HDEL', record, 'wanted:' .. event)
  redis.call('ZREM', KEYS[8], ARGV[8])
  return { 'done', now }
end

local tried = tonumber(values.tried) or 0
local interrupted = 0

-- The turn is taken, or kept, until the lease ends.
local function go()
  redis.call(
    'HSET', record,
    'wanted:' .. event, wanted[event] or now,
    'lease', string.format('%s %d %s %d', holder, now + lease, event, interrupted),
    'tried', tried + 1
  )
  keep(record, ttl)
  return {
    'go', now, interrupted, tried > 0 and 1 or 0, values.kept or '',
    redis.call('HGET', KEYS[2], 'record'), redis.call('GET', KEYS[3]), redis.call('GET', KEYS[4]),
    redis.call('HGET', KEYS[5], ARGV[6]), redis.call('HMGET', KEYS[6], 'directory', 'policy', 'preferences', 'continuity'),
  }
end

if values.lease then
  local by, til, about, again = values.lease:match('^(%S+) (%d+) (%S+) ?(%d*)$')
  if by == holder and about == event then
    -- Its answer was lost: it began once, and counts once.
    tried = tried - 1
    interrupted = tonumber(again) or 0
    return go()
  end
  if tonumber(til) > now then
    return { 'busy', now }
  end
  if about == event then
    interrupted = 1
  end
end

local waits = false
for id, state in pairs(wanted) do
  if after(id, event) then
    if wanted[event] == 'failed' then
      redis.call('HDEL', record, 'wanted:' .. event)
      redis.call('HSET', record, 'dropped:' .. event, 1)
      redis.call('ZREM', KEYS[8], ARGV[8])
      return { 'superseded', now }
    end
  elseif id ~= event and state ~= 'failed' and tonumber(state) + patience > now then
    waits = true
  end
end

local held = tonumber(redis.call('HGET', KEYS[7], ARGV[7] == '1' and 'held_urgent' or 'held'))
if held and held > now then
  -- Later events wait for it as if it had only been wanted by then.
  if wanted[event] ~= 'failed' then
    redis.call('HSET', record, 'wanted:' .. event, held)
    keep(record, ttl)
  end
  return { 'held', now, held, redis.call('HGET', KEYS[2], 'record') }
end
if waits then
  return { 'busy', now }
end
return go()
