-- Raises the alarm that nobody hears of a request, once.
--
-- KEYS[1]  mark of the request
-- KEYS[2]  feed (stream)
-- ARGV[1]  lifetime of the mark, s
-- ARGV[2]  type of the event
-- ARGV[3]  the event
--
-- returns 1 raised, 0 it was raised before

if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then
  return 0
end
redis.call('XADD', KEYS[2], '*', 'type', ARGV[2], 'event', ARGV[3])
return 1
