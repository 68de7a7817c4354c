-- Gives a delivery its moment, so that a destination is not sent more than it takes, nor a place that several
-- destinations lead to. Moments lie an interval apart. The destination's comes first; when it is there, one that is
-- free at all its places at once: so nobody waits for a place because of a destination that is left alone.
--
-- KEYS[1]   pace of one destination (hash): `next` the first free moment; `for:<job>` the moment that a job was
--           given, with ` there` behind it where it is that of the places
-- KEYS[2…]  pace of each place (hash): `next`
-- ARGV[1]   job
-- ARGV[2]   interval, ms
--
-- returns how long the job has to wait for its moment, ms; 0 now. Asked again, it is the same moment.

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local interval = tonumber(ARGV[2])
local destination, field = KEYS[1], 'for:' .. ARGV[1]
local places = { unpack(KEYS, 2) }

-- A pace outlives every moment it gave: a job that is late for its own then asks for another.
local function outlive(pace, moment)
  if redis.call('PTTL', pace) < moment - now + 60000 then
    redis.call('PEXPIRE', pace, moment - now + 60000)
  end
end

-- The first moment that is free in all of them, taken.
local function take(paces)
  local moment = now
  for _, pace in ipairs(paces) do
    moment = math.max(moment, tonumber(redis.call('HGET', pace, 'next')) or 0)
  end
  for _, pace in ipairs(paces) do
    redis.call('HSET', pace, 'next', moment + interval)
    outlive(pace, moment)
  end
  return moment
end

-- Keeps a moment that is to come for the job.
local function give(moment, word)
  redis.call('HSET', destination, field, string.format('%d%s', moment, word))
  outlive(destination, moment)
  return moment - now
end

local given = redis.call('HGET', destination, field)
if given then
  local moment, word = given:match('^(%d+)(.*)$')
  if tonumber(moment) > now then
    return tonumber(moment) - now
  end
  redis.call('HDEL', destination, field)
  if word ~= '' then
    return 0
  end
else
  local moment = take({ destination })
  if moment > now then
    return give(moment, '')
  end
end

if #places > 0 then
  local moment = take(places)
  if moment > now then
    return give(moment, ' there')
  end
end
return 0
