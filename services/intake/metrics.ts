/** What intake counts, for Prometheus. */
import { globalKeys, workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = {
  /** Counts a call and the seconds it took. Long polls and streams are not to be told. */
  onCall(call: { method: string; route: string; status: number; seconds: number }): void;
  text(): Promise<string>;
};

/** Opens the registry. Gauges are read when they are scraped: from Redis, and the counts in `here` from this process. */
export function openMetrics(
  redis: Redis,
  here: { waiting: () => number; policyProblems: () => number },
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'countersign_intake_' });
  const calls = new Histogram({
    name: 'countersign_http_request_duration_seconds',
    help: 'Time to answer a call, seconds.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  });
  new Gauge({
    name: 'countersign_pending_requests',
    // With canaries: left out of what a reviewer can hold against their queue, they would be counted by it.
    help: 'Requests that wait for a decision.',
    labelNames: ['workspace'],
    registers: [registry],
    async collect() {
      for (const workspace of await redis.smembers(globalKeys.workspaces)) {
        const { index } = workspaceKeys(workspace);
        this.set({ workspace }, await redis.zcard(index('status', 'pending')));
      }
    },
  });
  new Gauge({
    name: 'countersign_throttled_agents',
    help: 'Agents that have asked people too much and may ask nobody now.',
    labelNames: ['workspace'],
    registers: [registry],
    async collect() {
      const now = Number((await redis.time())[0]) * 1000;
      for (const workspace of await redis.smembers(globalKeys.workspaces)) {
        this.set({ workspace }, await redis.zcount(workspaceKeys(workspace).throttles, now, '+inf'));
      }
    },
  });
  new Gauge({
    name: 'countersign_waiting_calls',
    help: 'Long polls and streams of this process that wait for a change.',
    registers: [registry],
    collect() {
      this.set(here.waiting());
    },
  });
  new Gauge({
    name: 'countersign_policy_problems',
    help: 'Problems in changed policy files, which were therefore not taken; 0 when what is on disk is in force.',
    registers: [registry],
    collect() {
      this.set(here.policyProblems());
    },
  });
  new Gauge({
    name: 'countersign_oldest_due_timer_seconds',
    help: 'How long the most overdue timer has been due, seconds; 0 when none is.',
    labelNames: ['workspace'],
    registers: [registry],
    async collect() {
      const now = Number((await redis.time())[0]);
      for (const workspace of await redis.smembers(globalKeys.workspaces)) {
        const { timers } = workspaceKeys(workspace);
        const [, due] = await redis.zrange(timers, '0', '0', 'WITHSCORES');
        this.set({ workspace }, due === undefined ? 0 : Math.max(0, now - Number(due) / 1000));
      }
    },
  });
  // One for each way a call can end: to name the labels anew at every call costs more than to count it.
  const observers = new Map<string, Histogram.Internal<'method' | 'route' | 'status'>>();
  return {
    onCall({ method, route, status, seconds }) {
      const name = `${status} ${method} ${route}`;
      let observer = observers.get(name);
      if (observer === undefined) {
        observer = calls.labels({ method, route, status });
        observers.set(name, observer);
      }
      observer.observe(seconds);
    },
    text: () => registry.metrics(),
  };
}
