/** A process that was stopped in the middle of a delivery, and wakes up when its turn may be over. */
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliver } from '../../services/notifier/attempts/deliver.ts';
import { definePaceScript } from '../../services/notifier/attempts/pace.ts';
import { directoryReader } from '../../services/notifier/dispatch/directory.ts';
import { notifierMetrics } from '../../services/notifier/metrics.ts';
import { defineRecordScripts } from '../../services/notifier/record/record.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { testWorkspace } from './workspace.ts';

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

test('an attempt that was held up since it took its turn sends nothing, and is made anew', async () => {
  const redis = server.client();
  defineRecordScripts(redis);
  definePaceScript(redis);
  const workspace = testWorkspace(redis, 'held-up');
  const event_id = await workspace.create('req_1');
  let sent = 0;
  let heldUpMs = 30;
  const channel = async () => {
    const woken = performance.now() + heldUpMs;
    while (performance.now() < woken);
    return {
      found: true as const,
      needs: () => true,
      secrets: [],
      retire: async () => {},
      deliver: async () => {
        sent += 1;
        return { kind: 'delivered' as const, status: 202, response: '' };
      },
    };
  };
  const attempt = (leaseMs: number) =>
    deliver(
      {
        redis,
        directory: directoryReader(redis, () => {}),
        channels: {
          webhook: channel,
          push: channel,
          callback: channel,
          slack: channel,
          pagerduty: channel,
          teams: channel,
          sms: channel,
          email: channel,
        },
        settings: {},
        metrics: notifierMetrics(async () => []),
        logger: pino({ level: 'silent' }),
        leaseMs,
      },
      {
        workspace: workspace.name,
        channel: 'pagerduty',
        id: 'dst_1',
        request_id: 'req_1',
        event_id,
        event_type: 'request.created',
      },
      1,
      false,
    );
  expect(await attempt(60)).toEqual({ next: 'wait' });
  expect(sent).toBe(0);
  heldUpMs = 0;
  expect(await attempt(60_000)).toMatchObject({ next: 'finish' });
  expect(sent).toBe(1);
});
