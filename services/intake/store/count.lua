-- What tallies count, all as of one moment. Follows on tally.lua.
--
-- KEYS  two of each question: members, sum
-- ARGV  of each question:
--         horizon    what counts is after it
--         before     and before this, '' for whenever
--         n, member...   n members that are left out
--
-- returns {count...}   one for each question

local counts = {}
local at = 1
for i = 1, #KEYS, 2 do
  local members, sum = KEYS[i], KEYS[i + 1]
  local horizon, before, n = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  local count = counted(members, sum, horizon, at + 3, at + 2 + n)
  if before ~= '' then
    local _, later = amounts(members, before, '+inf')
    count = count - later
  end
  counts[#counts + 1] = count
  at = at + 3 + n
end
return counts
