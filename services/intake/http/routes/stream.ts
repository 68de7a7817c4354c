/** `GET /v1/stream`: the feed, as far as a key may see it, as server-sent events. */
import { resetEvent, StreamEvent } from '@countersign/shared/contracts';
import { decodeEvent, type FeedEvent } from '@countersign/shared/feed';
import { headerOf } from '@countersign/shared/http';
import { streamSSE } from 'hono/streaming';
import type { Logger } from 'pino';
import { authenticate } from '../../access/authenticate.ts';
import { audiencesOf, type Caller, maySpeakFor } from '../../requests/service.ts';
import type { Routes } from '../route.ts';

/** A line at least this often keeps proxies and browsers from giving up, ms. */
const heartbeatMs = 15_000;
const chunk = 200;
/** Between two reads of the feed, ms: what comes meanwhile is sent together. */
const pauseMs = 25;

function maySee(caller: Caller, event: FeedEvent): boolean {
  const { key } = caller;
  if (key.roles.some((role) => role === 'admin' || role === 'lead' || role === 'auditor')) return true;
  if (event.agent !== undefined && maySpeakFor(key, event.agent)) return true;
  // Everyone may read the freezes, and everyone is concerned.
  if (['freeze.set', 'freeze.lifted', 'agent.throttled', 'throttle.lifted'].includes(event.type)) return true;
  if (!key.roles.includes('reviewer')) return false;
  return audiencesOf(caller).some((name) => event.audience?.includes(name));
}

function told(event: FeedEvent): StreamEvent {
  const { type, at, request_id, agent, status, revision, version } = event;
  const data = { request_id, agent, status, revision, version };
  const given = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
  return { type, at: new Date(at).toISOString(), ...given };
}

/** Whether the feed still holds everything after this id. */
function before(a: string, b: string): boolean {
  const [aMs = 0, aSeq = 0] = a.split('-').map(Number);
  const [bMs = 0, bSeq = 0] = b.split('-').map(Number);
  return aMs < bMs || (aMs === bMs && aSeq < bSeq);
}

/** Mounts it. */
export function streamRoute(routes: Routes, logger: Logger): void {
  routes.add(
    {
      method: 'get',
      path: '/v1/stream',
      summary: 'Live events; a hint to read again. Read it with fetch, resume with Last-Event-ID.',
      roles: ['reviewer', 'agent', 'lead', 'admin', 'auditor'],
      headers: { 'Last-Event-ID': 'The id of the last event that arrived.' },
      answers: {
        200: { description: 'Server-sent events.', schema: StreamEvent, type: 'text/event-stream' },
      },
    },
    async ({ service, caller, c }) => {
      const { feed } = caller.current.snapshot.keys;
      const resume = /^\d+(-\d+)?$/.exec(headerOf(c, 'last-event-id') ?? '')?.[0];
      const [[first] = []] = await service.redis.xrange(feed, '-', '+', 'COUNT', 1);
      const [[newest] = []] = await service.redis.xrevrange(feed, '+', '-', 'COUNT', 1);
      let position = resume ?? newest ?? '0-0';
      // Trimmed behind where the client was, or a feed that is not the one it knew: it must read everything again.
      const lost =
        resume !== undefined &&
        ((first !== undefined && before(resume, first)) || before(newest ?? '0-0', resume));
      if (lost) position = newest ?? '0-0';

      // A proxy that buffers would hold events back.
      c.header('X-Accel-Buffering', 'no');
      return streamSSE(c, async (stream) => {
        let wake = (): void => {};
        let woken = false;
        const off = service.hub.onChange(caller.workspace, () => {
          woken = true;
          wake();
        });
        stream.onAbort(() => wake());
        try {
          await stream.writeSSE({ event: lost ? resetEvent : 'ready', id: position, data: '{}' });
          let known: Caller = caller;
          while (!stream.aborted && !stream.closed) {
            woken = false;
            // The key may have been revoked, or the person moved to another group, since the stream was opened.
            const still = await authenticate(service.workspaces, headerOf(c, 'authorization'));
            if ('code' in still) break;
            known = still;
            const entries = await service.redis.xrange(feed, `(${position}`, '+', 'COUNT', chunk);
            for (const [id, fields] of entries) {
              position = id;
              const event = decodeEvent(id, fields);
              if (!maySee(known, event)) continue;
              await stream.writeSSE({ id, event: event.type, data: JSON.stringify(told(event)) });
            }
            if (entries.length === chunk) continue;
            // Many changes at once cost a busy stream one read per pause, not one each.
            await stream.sleep(pauseMs);
            if (woken) continue;
            const timedOut = await new Promise<boolean>((resolve) => {
              const timer = setTimeout(() => resolve(true), heartbeatMs);
              wake = () => {
                clearTimeout(timer);
                resolve(false);
              };
              if (woken || stream.aborted) wake();
            });
            if (timedOut) await stream.write(': still here\n\n');
          }
        } catch (error) {
          logger.warn({ err: error }, 'a stream ended early; its client resumes');
        } finally {
          off();
        }
      });
    },
  );
}
