-- Compare and write, all or nothing, on keys of one workspace. Holds no business rule: what to compare
-- and what to write is decided in TypeScript (commit.ts).
--
-- KEYS  in the order of use: those that must not exist, then one a comparison, then one a write; a key stands there
--       as often as it is used, and all carry the workspace's hash tag
-- ARGV  not_after      Redis time in ms after which nothing is written, '' for never
--       absent         number of keys that must not exist
--       n              number of comparisons, then for each, two arguments:
--         f v          the field f of the key is v ('' also matches an absent field)
--       m              number of writes, then for each:
--         command argc arg...   command on the key with further arguments
--
-- returns {'ok', now} | {'late', now} | {'conflict', now, i}   i: the first of KEYS that is not as it must be;
--         now: Redis time in ms
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

local used = absent + tonumber(ARGV[3])
local at = 4
for i = absent + 1, used do
  if (redis.call('HGET', KEYS[i], ARGV[at]) or '') ~= ARGV[at + 1] then
    return { 'conflict', now, i }
  end
  at = at + 2
end

local writes = tonumber(ARGV[at])
at = at + 1
for i = used + 1, used + writes do
  local argc = tonumber(ARGV[at + 1])
  redis.call(ARGV[at], KEYS[i], unpack(ARGV, at + 2, at + 1 + argc))
  at = at + 2 + argc
end
return { 'ok', now }
