import { expect, test } from 'vitest';
import type { FoundEntry } from '../../services/ledger/history/found.ts';
import { entriesCsv, jsonLines } from '../../services/ledger/history/print.ts';

async function* found(...tools: string[]): AsyncIterable<FoundEntry> {
  for (const [index, tool] of tools.entries())
    yield {
      index,
      entry: {
        ...{ seq: index, feed_id: '1-1', type: 'action.proposed', at: 0, tool },
        actor: { kind: 'agent', id: 'support' },
        data: { rules: ['a', 'b'] },
      },
      names: {},
    };
}
async function text(pieces: AsyncIterable<string>): Promise<string> {
  let all = '';
  for await (const piece of pieces) all += piece;
  return all;
}

test('CSV quotes what needs it, and makes what a spreadsheet would run inert', async () => {
  const lines = (
    await text(entriesCsv(found('a,b', 'say "x"', 'two\nlines', '=1+1', '@x', '-x', '+x')))
  ).split('\r\n');
  expect(lines[0]).toBe('index,at,type,request_id,agent,tool,tier,status,actor_kind,actor,actor_name,data');
  const tools = lines
    .slice(1, -1)
    .map((line) => /^\d+,[^,]+,action.proposed,,,(.*),,,agent,support,,/s.exec(line)?.[1]);
  expect(tools).toEqual(['"a,b"', '"say ""x"""', '"two\nlines"', "'=1+1", "'@x", "'-x", "'+x"]);
  expect(lines[1]).toMatch(/"\{""rules"":\[""a"",""b""\]\}"$/);
});

test('JSON Lines has a line for each, whatever is in it', async () => {
  const lines = (await text(jsonLines(found('two\nlines', 'x')))).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).entry.tool)).toEqual(['two\nlines', 'x']);
});
