/** Feeds to seal: events as intake writes them, in numbers, with the payloads they commit to. */
import { hash } from 'node:crypto';
import { type EventBody, encodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';

/** Adds one request's events: proposed, viewed, decided. Gives their places in the feed, which can not be before its last. */
export async function tellOf(
  redis: Redis,
  workspace: string,
  id: string,
  person = 'ann',
  at?: number,
): Promise<string[]> {
  const keys = workspaceKeys(workspace);
  const text = JSON.stringify({ args: { amount: id.length }, salt: `salt of ${id}`, why: [] });
  await redis.set(keys.payload(id, 1), text);
  const about = {
    at: at ?? Date.now(),
    request_id: id,
    agent: 'order-processor',
    tool: 'orders.refund',
    tier: 'high',
  };
  const payload = { version: 1, commitment: `sha256:${hash('sha256', text, 'hex')}` };
  const agent = { kind: 'agent', id: 'order-processor' } as const;
  const reviewer = { kind: 'person', id: person } as const;
  const audience = ['any', person];
  const events: EventBody[] = [
    { ...about, type: 'action.proposed', actor: agent, status: 'pending', audience, payload },
    { ...about, type: 'request.viewed', actor: reviewer, status: 'pending', audience },
    { ...about, type: 'request.approved', actor: reviewer, status: 'approved', audience },
  ];
  const added: string[] = [];
  const place = at === undefined ? '*' : `${at}-*`;
  for (const event of events) added.push((await redis.xadd(keys.feed, place, ...encodeEvent(event))) ?? '');
  return added;
}

/** Every event that the feed holds, by its place. */
export async function placesIn(redis: Redis, workspace: string): Promise<string[]> {
  return (await redis.xrange(workspaceKeys(workspace).feed, '-', '+')).map(([id]) => id);
}
