-- Compare and write, all or nothing, on keys of one workspace. Holds no business rule: what to compare
-- and what to write is decided in TypeScript (commit.ts).
--
-- KEYS  in the order of use: those that must not exist, then one a comparison, then those of each write; a key stands
--       there as often as it is used, and all carry the workspace's hash tag
-- ARGV  not_after      Redis time in ms after which nothing is written, '' for never
--       absent         number of keys that must not exist
--       n              number of comparisons, then for each:
--         fields f... v...   so many fields of the key are these values ('' also matches an absent field)
--       writes         'command keys argc ' for each: command on each of so many keys, with so many further arguments
--       arg...         those arguments, of one write after the other
--
-- returns {'ok', now} | {'late', now} | {'conflict', now, i}   now: Redis time in ms; i: the first expectation that
--         does not hold, counted from 1: the keys that must not exist, then the fields
--
-- The caller puts a write that grows memory first, so that a full Redis refuses before anything is written.

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

if ARGV[1] ~= '' and now > tonumber(ARGV[1]) then
  return { 'late', now }
end

local absent = tonumber(ARGV[2])
if absent > 0 and redis.call('EXISTS', unpack(KEYS, 1, absent)) > 0 then
  for i = 1, absent do
    if redis.call('EXISTS', KEYS[i]) == 1 then
      return { 'conflict', now, i }
    end
  end
end

local compared = absent + tonumber(ARGV[3])
local at = 4
local expectation = absent
for i = absent + 1, compared do
  local fields = tonumber(ARGV[at])
  local values = redis.call('HMGET', KEYS[i], unpack(ARGV, at + 1, at + fields))
  at = at + fields
  for j = 1, fields do
    if (values[j] or '') ~= ARGV[at + j] then
      return { 'conflict', now, expectation + j }
    end
  end
  expectation = expectation + fields
  at = at + fields + 1
end

-- In one text, because each argument of a script costs as much as a small command.
local used = compared
local writes = ARGV[at]
for command, count, argc in string.gmatch(writes, '(%S+) (%d+) (%d+) ') do
  local last = used + count
  for i = used + 1, last do
    redis.call(command, KEYS[i], unpack(ARGV, at + 1, at + argc))
  end
  used = last
  at = at + argc
end
return { 'ok', now }
