-- Tallies: what is counted over time. Stands before commit.lua and count.lua, which use it.
--
-- A tally is two keys: a sorted set of members 'amount:name' by time in ms, amounts being whole numbers from 0 to 2^52,
-- and a string with the sum of their amounts. It counts the members with a score above a horizon.

local minute = 60000

local function amount_of(member)
  return tonumber(string.match(member, '^%d+'))
end

-- How many members of a tally are from one time to another, and the sum of their amounts
local function amounts(members, from, to)
  local found = redis.call('ZRANGEBYSCORE', members, from, to)
  local sum = 0
  for _, member in ipairs(found) do sum = sum + amount_of(member) end
  return #found, sum
end

-- What it counts after a horizon, without the members that are arguments from `first` to `last`
local function counted(members, sum, horizon, first, last)
  local all = redis.call('GET', sum)
  if not all or all == '0' then return 0 end
  local _, over = amounts(members, '-inf', horizon)
  local count = tonumber(all) - over
  for i = first, last do
    local score = redis.call('ZSCORE', members, ARGV[i])
    if score and tonumber(score) > tonumber(horizon) then count = count - amount_of(ARGV[i]) end
  end
  return count
end

-- Adds a member, if it is not there, and forgets what is not above the horizon. Is kept until then, or up to a minute less
local function add(members, sum, member, score, horizon, kept_until)
  if redis.call('ZADD', members, 'NX', score, member) == 0 then return end
  local alone = redis.call('ZCARD', members) == 1
  if alone then redis.call('SET', sum, '0') end
  redis.call('INCRBY', sum, string.format('%.0f', amount_of(member)))
  local gone, over = amounts(members, '-inf', horizon)
  if gone > 0 then
    redis.call('ZREMRANGEBYSCORE', members, '-inf', horizon)
    redis.call('DECRBY', sum, string.format('%.0f', over))
  end
  -- Not at every member: to put the end off costs more than to add one
  if alone or kept_until - redis.call('PEXPIRETIME', members) > minute then
    redis.call('PEXPIREAT', members, kept_until)
    redis.call('PEXPIREAT', sum, kept_until)
  end
end
