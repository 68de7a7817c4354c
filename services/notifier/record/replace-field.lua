-- Compare-and-set of one field of a hash.
--
-- KEYS[1]  hash
-- ARGV[1]  field
-- ARGV[2]  the value it must have
-- ARGV[3]  the value to give it, '' to remove it
--
-- returns 1 changed, 0 it had another value or none

if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return 1
