-- Gives a delivery its moment, so that a destination is not sent more than it takes. Moments lie an interval apart.
--
-- KEYS[1]  pace of one destination (hash): `next` the first free moment; `for:<job>` the moment that a job was given
-- ARGV[1]  job
-- ARGV[2]  interval, ms
--
-- returns how long the job has to wait for its moment, ms; 0 now. Asked again, it is the same moment.

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local field = 'for:' .. ARGV[1]

local given = tonumber(redis.call('HGET', KEYS[1], field))
if given then
  if given > now then
    return given - now
  end
  redis.call('HDEL', KEYS[1], field)
  return 0
end

local moment = math.max(now, tonumber(redis.call('HGET', KEYS[1], 'next')) or 0)
redis.call('HSET', KEYS[1], 'next', moment + tonumber(ARGV[2]))
if moment > now then
  redis.call('HSET', KEYS[1], field, moment)
end
-- Outlives every moment it gave: a job that is late for its own then asks for another.
redis.call('PEXPIRE', KEYS[1], moment - now + 60000)
return moment - now
