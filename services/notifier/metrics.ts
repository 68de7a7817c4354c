/** What Prometheus reads: attempts, latency, backlog. */

import type { DeliveryAttempt } from '@countersign/shared/directory';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Standing } from './attempts/backlog.ts';
import type { ChannelName } from './channels/channel.ts';

export type Metrics = {
  /** Counts an attempt; with its latency in ms where something was sent. */
  attempted(channel: ChannelName, outcome: DeliveryAttempt['outcome'], latencyMs?: number): void;
  /** Counts a request that nobody is told of. */
  unheard(): void;
  /** Counts a destination that was taken out of use. */
  disabled(channel: ChannelName): void;
  /** Counts deliveries that the queue had lost and that were queued again. */
  requeued(count: number): void;
  /** Counts what became of an attempt to export a span. */
  span(outcome: 'exported' | 'failed' | 'dropped'): void;
  /** The text exposition of all of it. */
  text(): Promise<string>;
};

/** @param backlog reads the queue when the metrics are read; with Redis away it rejects, and the gauges are left out */
export function notifierMetrics(backlog: () => Promise<Standing[]>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const attempts = new Counter({
    name: 'countersign_notifier_attempts_total',
    help: 'Attempts to deliver a notice, by how they ended.',
    labelNames: ['channel', 'outcome'],
    registers,
  });
  const latency = new Histogram({
    name: 'countersign_notifier_attempt_seconds',
    help: 'How long the peer took.',
    labelNames: ['channel'],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 20],
    registers,
  });
  const unheard = new Counter({
    name: 'countersign_notifier_unheard_total',
    help: 'Requests that wait and that nobody is told of.',
    registers,
  });
  const disabled = new Counter({
    name: 'countersign_notifier_disabled_total',
    help: 'Destinations taken out of use: the peer said that it is gone, or nothing had arrived for days.',
    labelNames: ['channel'],
    registers,
  });
  const requeued = new Counter({
    name: 'countersign_notifier_requeued_total',
    help: 'Deliveries that the queue had lost, and that were queued again.',
    registers,
  });
  const spans = new Counter({
    name: 'countersign_notifier_spans_total',
    help: 'Attempts to export the wait of a traced request as a span, by how they ended: failed ones are tried again.',
    labelNames: ['outcome'],
    registers,
  });
  let reading: Promise<Standing[]> | undefined;
  /** Both gauges are read at once, from one look at the queue. */
  const standing = (): Promise<Standing[]> => {
    reading ??= backlog()
      .catch(() => [])
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  new Gauge({
    name: 'countersign_notifier_oldest_seconds',
    help: 'Age of the oldest event whose delivery is in the queue.',
    labelNames: ['channel', 'state'],
    registers,
    async collect() {
      this.reset();
      for (const { channel, state, oldest } of await standing())
        this.set({ channel, state }, Math.max(0, Date.now() - oldest) / 1_000);
    },
  });
  new Gauge({
    name: 'countersign_notifier_backlog',
    help: 'Deliveries in the queue: waiting, under way, and waiting for their next attempt.',
    labelNames: ['channel', 'state'],
    registers,
    async collect() {
      this.reset();
      for (const { channel, state, count } of await standing()) this.set({ channel, state }, count);
    },
  });
  return {
    attempted(channel, outcome, latencyMs) {
      attempts.inc({ channel, outcome });
      if (latencyMs !== undefined) latency.observe({ channel }, latencyMs / 1_000);
    },
    unheard: () => unheard.inc(),
    disabled: (channel) => disabled.inc({ channel }),
    requeued: (count) => requeued.inc(count),
    span: (outcome) => spans.inc({ outcome }),
    text: () => registry.metrics(),
  };
}
