-- Compare and write on keys of one workspace: several commits, each all or nothing, one after the other. Holds no
-- business rule: what to compare and what to write is decided in TypeScript (commit.ts). Follows on tally.lua.
--
-- KEYS  those of shared comparisons, then the others in the order of use; a key stands there as often as it is used, and
--       all carry the workspace's hash tag
-- ARGV  how many comparisons are shared, with a key each; of each of them
--         f 2f       the number of its fields, the fields, then their values
--       then for each commit:
--         head       'not_after keys args shared step...': Redis time in ms after which nothing is written, 0 for never;
--                    how many keys and further arguments are this commit's; which shared comparison is, 0 for none
--         arg...     those arguments, of one step after the other
--       a step is 'command n args ', one of:
--         ! n 0      none of n keys exists
--         = 1 2f     f fields of a key, then their values ('' also matches an absent field)
--         @ 0 0      the same, by the shared comparison
--         <= 2 2+m   a tally counts at most a bound: horizon, bound, then m members that are left out
--         > 2 2+m    the same, more than the bound
--         + 2 4      adds to a tally: member, score, horizon (what is counted until then is forgotten), until when it
--                    is kept, ms, or up to a minute less
--         - 2 1      takes a member from a tally, if it is there
--         tell 1 2e  appends e entries to a feed, of each its type and its event
--         ...        the command on each of n keys, with so many further arguments; after all comparisons
--
-- returns {now, result...}   now: Redis time in ms; a result is 0 (written), -1 (late), the number of the first
--         expectation that does not hold, counted from 1 over keys that must not exist, fields and bounds, or an error
--
-- The caller puts a write that grows memory first, so that a full Redis refuses before anything is written.

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- Commits of one script are mostly alike, so what their steps are is read once
local known = {}

local function steps_of(text)
  local steps = known[text]
  if steps then return steps end
  steps = {}
  for command, keys, argc in string.gmatch(text, '(%S+) (%d+) (%d+) ') do
    steps[#steps + 1] = { command, tonumber(keys), tonumber(argc) }
  end
  known[text] = steps
  return steps
end

-- Fields of a key against the values after them; the number of the first that differs
local function differs(key, fields, at)
  local values = redis.call('HMGET', key, unpack(ARGV, at + 1, at + fields))
  for i = 1, fields do
    if (values[i] or '') ~= ARGV[at + fields + i] then return i end
  end
end

local function apply(used, at, text, shared)
  local expectations = 0
  for _, step in ipairs(steps_of(text)) do
    local command, keys, argc = unpack(step)
    local last = used + keys
    if command == '!' then
      if redis.call('EXISTS', unpack(KEYS, used + 1, last)) > 0 then
        for i = used + 1, last do
          if redis.call('EXISTS', KEYS[i]) == 1 then return expectations + i - used end
        end
      end
      expectations = expectations + keys
    elseif command == '=' then
      local differing = differs(KEYS[last], argc / 2, at)
      if differing then return expectations + differing end
      expectations = expectations + argc / 2
    elseif command == '@' then
      local differing = differs(shared.key, shared.fields, shared.at)
      if differing then return expectations + differing end
      expectations = expectations + shared.fields
    elseif command == '<=' or command == '>' then
      expectations = expectations + 1
      local count = counted(KEYS[used + 1], KEYS[last], ARGV[at + 1], at + 3, at + argc)
      if (count <= tonumber(ARGV[at + 2])) ~= (command == '<=') then return expectations end
    elseif command == '+' then
      add(KEYS[used + 1], KEYS[last], unpack(ARGV, at + 1, at + argc))
    elseif command == '-' then
      if redis.call('ZREM', KEYS[used + 1], ARGV[at + 1]) == 1 then
        redis.call('DECRBY', KEYS[last], string.format('%.0f', amount_of(ARGV[at + 1])))
      end
    elseif command == 'tell' then
      for i = at + 1, at + argc, 2 do
        redis.call('XADD', KEYS[last], '*', 'type', ARGV[i], 'event', ARGV[i + 1])
      end
    else
      for i = used + 1, last do
        redis.call(command, KEYS[i], unpack(ARGV, at + 1, at + argc))
      end
    end
    used = last
    at = at + argc
  end
  return 0
end

local shared = {}
local used, at = 0, 2
for i = 1, tonumber(ARGV[1]) do
  local fields = tonumber(ARGV[at])
  shared[i] = { key = KEYS[i], fields = fields, at = at }
  used = i
  at = at + 1 + 2 * fields
end

local results = { now }
while ARGV[at] do
  local not_after, keys, argc, alike, steps = string.match(ARGV[at], '^(%d+) (%d+) (%d+) (%d+) (.*)$')
  if not_after ~= '0' and now > tonumber(not_after) then
    results[#results + 1] = -1
  else
    -- An error ends its own commit and no other's.
    local _, result = pcall(apply, used, at, steps, shared[tonumber(alike)])
    results[#results + 1] = result
  end
  used = used + keys
  at = at + 1 + argc
end
return results
