/** Requests as intake stores them, and the events that announce them, made in numbers without going through intake. */
import { encodeEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import { audienceOf, type RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { gatedProposals } from '../proposals.ts';
import type { Setting } from '../setting.ts';

export const keys = workspaceKeys('default');
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** A request that intake made: its record and payload as stored, and the body that a webhook of it has. */
export type Sample = { record: RequestRecord; payload: string; body: string };

/** Proposes one to intake, and reads what it stored. */
export async function sampleOf(setting: Setting, redis: Redis): Promise<Sample> {
  const response = await fetch(`${setting.intakeUrl}/v1/requests`, {
    method: 'POST',
    headers: { authorization: `Bearer ${setting.keys.agent}`, 'content-type': 'application/json' },
    body: JSON.stringify(gatedProposals().proposals[0]),
  });
  const { request } = (await response.json()) as { request: { id: string } };
  const [record, payload] = await Promise.all([
    redis.hget(keys.request(request.id), 'record'),
    redis.get(keys.payload(request.id, 1)),
  ]);
  if (record === null || payload === null) throw new Error('intake stored nothing');
  const timestamp = new Date().toISOString();
  const body = JSON.stringify({ type: 'request.created', timestamp, data: { request } });
  return { record: JSON.parse(record) as RequestRecord, payload, body };
}

/** Has everything that is created told to this address, and to none before it. */
export async function tellOnly(redis: Redis, url: string): Promise<void> {
  const match = { events: ['request.created'] };
  const record = { id: 'bench', name: 'bench', kind: 'webhook', url, secret, created_at: 0, match };
  await redis.hset(keys.destinations, record.id, JSON.stringify(record));
}

/** Stores requests like the sample under ids of their own; gives the events that announce them, which nobody has been sent. */
export async function storeLike(
  redis: Redis,
  { record, payload }: Sample,
  ids: readonly string[],
): Promise<['type', string, 'event', string][]> {
  const writing = redis.pipeline();
  for (const id of ids) {
    writing.hset(keys.request(id), 'record', JSON.stringify({ ...record, id }));
    writing.set(keys.payload(id, 1), payload);
  }
  await writing.exec();
  const { agent, tool, status, revision, version } = record;
  return ids.map((request_id) =>
    encodeEvent({
      type: 'request.created',
      at: Date.now(),
      actor: { kind: 'agent', id: agent },
      request_id,
      agent,
      tool,
      tier: record.terms.tier,
      status,
      revision,
      version,
      audience: audienceOf(record),
    }),
  );
}
