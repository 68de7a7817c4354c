-- Runs a script for several parts at once. Put around the script's own text, in place of `script`.
--
-- KEYS  the keys of each part, one part after the other
-- ARGV  how many keys and how many arguments a part has; then the arguments of each part
--
-- returns what the script returned for each part, or the text of what Redis refused it with

local function run(KEYS, ARGV)
  --[[script]]
end

local keys, args = tonumber(ARGV[1]), tonumber(ARGV[2])
local answers = {}
for part = 0, #KEYS / keys - 1 do
  local own_keys = { unpack(KEYS, part * keys + 1, part * keys + keys) }
  local own_args = { unpack(ARGV, part * args + 3, part * args + args + 2) }
  local well, answer = pcall(run, own_keys, own_args)
  answers[part + 1] = well and answer or (type(answer) == 'table' and answer.err or answer)
end
return answers
