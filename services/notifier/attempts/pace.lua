-- Gives deliveries their moments, so that a destination is not sent more than it takes, nor a place that several
-- destinations lead to. Nobody has a moment in advance: at each one that is free the first in line goes.
--
-- Of one destination's deliveries, that is the lowest rank, and of a rank whoever has waited longest; once three in a
-- row have gone before somebody who has waited longer, whoever has waited longest, so that all get there. At a place,
-- destinations take turns: each is there for the first of its line, and only then.
--
-- KEYS[1]  pace of the destination (hash): `next` the first free moment, ms; `passed` how many have gone, in a row, before
--          somebody who has waited longer; `held`, `held_urgent`, see settle.lua
-- KEYS[2]  its line (sorted set): request by rank and moment of arrival, whichever of its events are to be told
-- KEYS[3]  when each in the line is expected to ask again (sorted set), ms
-- KEYS[4…] the same three of each place: the line holds destinations by moment of arrival
-- ARGV[1]  request
-- ARGV[2]  rank, 0 first
-- ARGV[3]  interval between moments, ms
-- ARGV[4]  destination, as the line of a place names it
-- ARGV[5]  grace, ms: who is late by more than that is not in the line any more
-- ARGV[6]  '1': may go though the destination asked to be left alone, once that has lasted for long
--
-- returns how long it has to wait before it asks again, ms; 0 it goes now, and has left the line

local request, rank, interval, name = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local grace, urgent = tonumber(ARGV[5]), ARGV[6] == '1'
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
-- More than any time in ms: a score is rank * ranks + arrival.
local ranks = 1e13
local share = 3

local held = tonumber(redis.call('HGET', KEYS[1], urgent and 'held_urgent' or 'held')) or 0
if held > now then
  return held - now
end

local function keep(key, ms)
  if redis.call('PTTL', key) < ms then
    redis.call('PEXPIRE', key, ms)
  end
end

local function leave(line, due, member)
  redis.call('ZREM', line, member)
  redis.call('ZREM', due, member)
end

local function letGoOfTheLate(line, due)
  for _, late in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', '(' .. string.format('%d', now - grace))) do
    leave(line, due, late)
  end
end

local function expect(line, due, member, wait)
  redis.call('ZADD', due, now + wait, member)
  keep(line, wait + 60000)
  keep(due, wait + 60000)
end

-- Whether somebody comes, before a moment taken now would be over, who goes before.
local function somebodyComesFirst(line, due, member, goesBefore)
  local soon = redis.call('ZRANGEBYSCORE', due, now - grace, '(' .. string.format('%d', now + interval))
  for _, other in ipairs(soon) do
    local score = other ~= member and redis.call('ZSCORE', line, other)
    if score and goesBefore(tonumber(score), other) then
      return true
    end
  end
  return false
end

-- How long until it is worth asking again, with so many turns to wait for; 0 now.
local function waitFor(free, turns, line, due, member, goesBefore)
  if free > now then
    return free - now + turns * interval
  end
  if somebodyComesFirst(line, due, member, goesBefore) then
    return math.max(turns, 1) * interval
  end
  return 0
end

-- The destination's own line.
local pace, line, due = KEYS[1], KEYS[2], KEYS[3]
letGoOfTheLate(line, due)
local before = tonumber(redis.call('ZSCORE', line, request))
local arrival = before and before % ranks or now
-- One that is told of as new goes as that, though an older wish to replay it asks.
local score = math.min(before and math.floor(before / ranks) or rank, rank) * ranks + arrival
redis.call('ZADD', line, score, request)
local older = 0
for each = 0, math.floor((tonumber(redis.call('ZRANGE', line, -1, -1, 'WITHSCORES')[2])) / ranks) do
  older = older + redis.call('ZCOUNT', line, each * ranks, '(' .. string.format('%d', each * ranks + arrival))
end
local free, passed = unpack(redis.call('HMGET', pace, 'next', 'passed'))
free, passed = tonumber(free) or 0, tonumber(passed) or 0
local byAge = passed >= share
local turns = math.min(redis.call('ZRANK', line, request), math.max(share - passed, 0) + older * (share + 1))
local wait = waitFor(free, turns, line, due, request, function(other, member)
  local theirs, mine = other, score
  if byAge then
    theirs, mine = other % ranks, arrival
  end
  return theirs < mine or (theirs == mine and member < request)
end)
if wait > 0 then
  expect(line, due, request, wait)
  return wait
end

-- The places that it leads to.
for at = 4, #KEYS, 3 do
  local there, them = KEYS[at + 1], KEYS[at + 2]
  letGoOfTheLate(there, them)
  redis.call('ZADD', there, 'NX', now, name)
  local since = tonumber(redis.call('ZSCORE', there, name))
  local taken = tonumber(redis.call('HGET', KEYS[at], 'next')) or 0
  wait = math.max(wait, waitFor(taken, redis.call('ZRANK', there, name), there, them, name, function(other, member)
    return other < since or (other == since and member < name)
  end))
end
if wait > 0 then
  for at = 4, #KEYS, 3 do
    expect(KEYS[at + 1], KEYS[at + 2], name, wait)
  end
  expect(line, due, request, wait)
  return wait
end

local function take(taken, queue, times, member)
  redis.call('HSET', taken, 'next', now + interval)
  keep(taken, interval + 60000)
  leave(queue, times, member)
end
take(pace, line, due, request)
redis.call('HSET', pace, 'passed', older > 0 and passed + 1 or 0)
for at = 4, #KEYS, 3 do
  take(KEYS[at], KEYS[at + 1], KEYS[at + 2], name)
end
return 0
