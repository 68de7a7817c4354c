import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newestAfter, type Place } from '../../services/intake/store/newest.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis?.stop());

test('several sets are read as one, page by page, however many share a millisecond', async () => {
  const client = redis.client();
  const scores = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(scores, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 7 }),
      async (sets, count) => {
        await client.flushall();
        const all: Place[] = [];
        for (const [set, members] of sets.entries()) {
          for (const [n, score] of members.entries()) {
            const id = `req_${n}_${set}`;
            all.push({ id, score });
            await client.zadd(`set:${set}`, score, id);
          }
        }
        const wanted = all
          .filter(({ score }) => score >= 2)
          .sort((a, b) => b.score - a.score || (a.id < b.id ? 1 : -1));
        const found: Place[] = [];
        const names = sets.map((_, set) => `set:${set}`);
        for (;;) {
          const page = await newestAfter(client, names, found.at(-1), { max: '+inf', min: 2 }, count);
          found.push(...page);
          if (page.length < count) break;
        }
        expect(found).toEqual(wanted);
      },
    ),
    { numRuns: 100 },
  );
});
