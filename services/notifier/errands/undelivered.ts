/** What a destination was not told of, read off the delivery log. */
import type { DeliveryAttempt } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import type { RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';

/** A request of which the last attempt to tell failed. `of`: what it was, where Redis still has it. */
export type Untold = {
  request_id: string;
  event_type: string;
  code: string;
  /** When the event happened, ms. */
  happened_at: number;
  of?: Pick<RequestRecord, 'tool' | 'agent'>;
};

/** Lines that are read in one go. */
const chunk = 1_000;

/**
 * Of each request the last attempt, where that failed, earliest first. What came later replaces what came before, as a
 * delivery says how the request stands. Pure.
 */
export function untoldIn(lines: readonly DeliveryAttempt[], destination: string): Untold[] {
  const untold = new Map<string, Untold>();
  for (const line of lines) {
    const { request_id, event_id, event_type, outcome, code = outcome } = line;
    if (line.destination !== destination || request_id === undefined || event_type === 'destination.test')
      continue;
    const before = untold.get(request_id);
    untold.delete(request_id);
    if (outcome === 'delivered') continue;
    const happened = Number(event_id.split('-')[0]);
    const happened_at = Math.min(happened, before?.happened_at ?? happened);
    untold.set(request_id, { request_id, event_type, code, happened_at });
  }
  return [...untold.values()].sort((a, b) => a.happened_at - b.happened_at);
}

/** Reads what this destination was not told of since then, ms; the first `most` with what they were. */
export async function readUntold(
  redis: Redis,
  workspace: string,
  destination: string,
  since: number,
  most: number,
): Promise<Untold[]> {
  const keys = workspaceKeys(workspace);
  const lines: DeliveryAttempt[] = [];
  let from = String(since);
  for (;;) {
    const read = await redis.xrange(keys.deliveryLog, from, '+', 'COUNT', chunk);
    for (const [, fields] of read) lines.push(JSON.parse(fields[1] ?? '{}') as DeliveryAttempt);
    const last = read.at(-1);
    if (last === undefined || read.length < chunk) break;
    from = `(${last[0]}`;
  }
  const untold = untoldIn(lines, destination);
  const texts = await Promise.all(
    untold.slice(0, most).map(({ request_id }) => redis.hget(keys.request(request_id), 'record')),
  );
  return untold.map((one, index) => {
    const text = texts[index] ?? null;
    if (text === null) return one;
    const { tool, agent } = JSON.parse(text) as RequestRecord;
    return { ...one, of: { tool, agent } };
  });
}
