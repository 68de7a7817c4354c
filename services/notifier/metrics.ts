/** What Prometheus reads: attempts, latency, backlog. */

import type { DeliveryAttempt } from '@countersign/shared/directory';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ChannelName } from './channels/channel.ts';

export type Metrics = {
  /** Counts an attempt; with its latency in ms where something was sent. */
  attempted(channel: ChannelName, outcome: DeliveryAttempt['outcome'], latencyMs?: number): void;
  /** Counts a request that nobody is told of. */
  unheard(): void;
  /** The text exposition of all of it. */
  text(): Promise<string>;
};

export type Backlog = Partial<Record<'waiting' | 'active' | 'delayed', number>>;

/** @param backlog counts jobs when the metrics are read; with Redis away it rejects, and the gauge is left out */
export function notifierMetrics(backlog: () => Promise<Backlog>): Metrics {
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
  new Gauge({
    name: 'countersign_notifier_backlog',
    help: 'Deliveries in the queue: waiting, under way, and waiting for their next attempt.',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset();
      const counts = await backlog().catch(() => ({}));
      for (const [state, count] of Object.entries(counts)) this.set({ state }, count);
    },
  });
  return {
    attempted(channel, outcome, latencyMs) {
      attempts.inc({ channel, outcome });
      if (latencyMs !== undefined) latency.observe({ channel }, latencyMs / 1_000);
    },
    unheard: () => unheard.inc(),
    text: () => registry.metrics(),
  };
}
