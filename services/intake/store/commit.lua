-- Compare and write, all or nothing, on keys of one workspace. Holds no business rule: what to compare
-- and what to write is decided in TypeScript (commit.ts).
--
-- KEYS  every key that is compared or written; all carry the workspace's hash tag
-- ARGV  not_after      Redis time in ms after which nothing is written, '' for never
--       n              number of comparisons, then for each, four arguments:
--         'field' k f v   the field f of hash KEYS[k] is v ('' also matches an absent field)
--         'absent' k '' ''  KEYS[k] does not exist
--       m              number of writes, then for each:
--         command k argc arg...   command on KEYS[k] with further arguments
--
-- returns {'ok', now} | {'late', now} | {'conflict', now, i}   i: the first comparison that failed, from 1;
--         now: Redis time in ms
--
-- The caller puts a write that grows memory first, so that a full Redis refuses before anything is written.

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

if ARGV[1] ~= '' and now > tonumber(ARGV[1]) then
  return { 'late', now }
end

local at = 2
local comparisons = tonumber(ARGV[at])
at = at + 1
for i = 1, comparisons do
  local kind, key, field, expected = ARGV[at], KEYS[tonumber(ARGV[at + 1])], ARGV[at + 2], ARGV[at + 3]
  local holds
  if kind == 'absent' then
    holds = redis.call('EXISTS', key) == 0
  else
    holds = (redis.call('HGET', key, field) or '') == expected
  end
  if not holds then
    return { 'conflict', now, i }
  end
  at = at + 4
end

local writes = tonumber(ARGV[at])
at = at + 1
for _ = 1, writes do
  local command, key, argc = ARGV[at], KEYS[tonumber(ARGV[at + 1])], tonumber(ARGV[at + 2])
  redis.call(command, key, unpack(ARGV, at + 3, at + 2 + argc))
  at = at + 3 + argc
end
return { 'ok', now }
