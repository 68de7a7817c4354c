/** The whole of a real agent's work against the real server: hundreds of calls, every law of running checked on each. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Call, readCalls } from '../../demo/calls.ts';
import { check } from '../../demo/check.ts';
import { type Played, play } from '../../demo/play.ts';
import { type Judgement, startReviewer } from '../../demo/reviewer.ts';
import { openStore } from '../../demo/store.ts';
import { createClient, type RequestView } from '../../sdk/index.ts';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { ROOT } from '../support/sources.ts';

const file = join(ROOT, '../shared/data/airline-tool-calls.jsonl');
const dir = mkdtempSync(join(tmpdir(), 'countersign-real-calls-'));

describe.skipIf(!existsSync(file))(
  'airline-tool-calls.jsonl (skipped where ../shared/data is absent)',
  () => {
    let redis: TestRedis;
    let intake: TestIntake;
    beforeAll(async () => {
      redis = await startTestRedis();
      intake = await startTestIntake({ redisUrl: redis.url, policies: policiesForHaste() });
    });
    afterAll(async () => {
      await intake?.stop();
      await redis?.stop();
      rmSync(dir, { recursive: true });
    });

    test('every approved call ran once with the arguments of its decision, no other ran, all outcomes are on record', async () => {
      const calls = readCalls(file);
      const { url, keys } = intake;
      const client = createClient({ url, key: keys.agent, agent: 'airline-support' });
      const store = openStore(join(dir, 'runs.jsonl'), calls);

      const byCallId = new Map(
        calls.map((call) => [`${call.trajectory}@real ${call.step}-${call.call_id}`, call]),
      );
      const judged = new Map<string, Judgement>();
      const judge = (request: RequestView): Judgement => {
        if (request.proposed_args) return { verdict: 'approve' };
        const call = byCallId.get(`${request.run_id} ${request.call_id}`);
        const judgement = judged.get(request.id) ?? judgementOf(call ?? expect.fail(), judged.size);
        judged.set(request.id, judgement);
        return judgement;
      };
      const failures: unknown[] = [];
      const onError = (error: unknown) => failures.push(error);
      const reviewers = [keys.reviewer, keys.lead].map((key) => startReviewer({ url, key, judge, onError }));

      const played = await play({
        calls,
        client,
        store,
        name: 'real',
        together: 91,
        onPending: () => {},
        onEnd: () => {},
        pause: async () => {},
      });
      for (const reviewer of reviewers) await reviewer.stop();
      expect(failures).toEqual([]);

      const entries = store.entries();
      const found = await check(played, entries, client);
      expect(found.problems).toEqual([]);
      expect(found.calls).toBe(536);
      expect(found.duplicates).toBe(0);
      expect(new Set(entries.map(({ request_id }) => request_id)).size).toBe(entries.length);
      expect(found.ran).toBe(entries.length);

      // What reviewers decided is what happened: the edit ran as edited, the rejected never.
      const endOf = new Map(played.map((each) => [each.request_id, each]));
      for (const [id, judgement] of judged) {
        const end = endOf.get(id) ?? expect.fail();
        if (judgement?.verdict === 'reject')
          expect(end).toMatchObject({ ending: 'approval_rejected', note: judgement.reason });
        if (judgement?.verdict === 'approve') {
          const ran = entries.find(({ request_id }) => request_id === id);
          expect(ran?.args).toEqual(judgement.args ?? end.call.args);
          expect(end.edited).toBe(judgement.args !== undefined);
        }
      }
      // The file holds something of every kind, or this test would say little.
      expect(kinds(played)).toEqual({ ran: true, edited: true, rejected: true, denied: true, waited: true });
    }, 120_000);
  },
);

/** The policies that ship, but for the seconds in which a person may undo, and for how much an agent may ask: nobody reads here. */
function policiesForHaste(): Record<string, string> {
  const policies = join(ROOT, 'policies');
  const texts = readdirSync(policies).map(
    (name) => [name, readFileSync(join(policies, name), 'utf8')] as const,
  );
  return Object.fromEntries(
    texts.map(([name, text]) => [
      name,
      text.replaceAll(/hold: \d+s/g, 'hold: 50ms').replace(/^flood: .*$/m, 'flood: off'),
    ]),
  );
}

/** Rejects a third of the writes that people did not expect, edits a quarter of what can be edited. */
function judgementOf({ tool, args, expected }: Call, nth: number): Judgement {
  if (expected === false && nth % 3 === 0)
    return { verdict: 'reject', reason: `Not what was asked for (${nth}).` };
  if (nth % 4 === 0 && tool === 'book_reservation')
    return { verdict: 'approve', args: { ...args, insurance: 'yes' } };
  if (nth % 4 === 0 && tool === 'update_reservation_flights')
    return { verdict: 'approve', args: { ...args, cabin: 'economy_plus' } };
  return { verdict: 'approve' };
}

function kinds(played: Played[]) {
  const some = (is: (each: Played) => boolean) => played.some(is);
  return {
    ran: some(({ ending }) => ending === 'ran'),
    edited: some(({ edited }) => edited),
    rejected: some(({ ending }) => ending === 'approval_rejected'),
    denied: some(({ ending }) => ending === 'policy_denied'),
    waited: some(({ waited }) => waited),
  };
}
