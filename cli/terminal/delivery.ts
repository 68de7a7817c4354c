import type { DeliveryView } from '@countersign/shared/contracts';
import pc from 'picocolors';
import { inert, quoted } from './inert.ts';

/** How much of an attempt is shown: `verbose` adds the first bytes of the answer. `columns` as of the screen. */
export type DeliveryStyle = { verbose: boolean; columns: number; color: boolean };

/** One attempt as a line of a log: when, how it ended, where, about what, which attempt, what the peer said. */
export function renderDelivery(attempt: DeliveryView, { verbose, columns, color }: DeliveryStyle): string[] {
  const { at, outcome, channel, destination, request_id, event_type, code, status, latency_ms } = attempt;
  const ended = outcome.padEnd(10);
  const facts = [
    at,
    outcome === 'delivered' ? ended : pc.createColors(color).bold(ended),
    inert(channel).padEnd(9),
    inert(destination),
    ...(request_id === undefined ? [] : [inert(request_id)]),
    inert(event_type),
    `attempt ${attempt.attempt}`,
    ...(status === undefined ? [] : [String(status)]),
    ...(latency_ms === undefined ? [] : [`${latency_ms} ms`]),
    // The status has been named.
    ...(code === undefined || code === `http_${status}` ? [] : [inert(code)]),
  ];
  const answer = verbose && attempt.response ? quoted(attempt.response, columns) : [];
  return [facts.join('  '), ...answer];
}
