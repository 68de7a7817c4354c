/** Wakes whoever waits for a change: one subscription a process, however many wait. */
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

/** Called with the id of the request that changed, or `*`. */
type Listener = (requestId: string) => void;

export type WakeHub = {
  /** Calls `listener` on every change in the workspace until the returned function is called. */
  onChange(workspace: string, listener: Listener): Promise<() => void>;
  /** Calls `listener` on changes of one request only. */
  onRequest(workspace: string, id: string, listener: () => void): Promise<() => void>;
};

/** Opens the hub on a connection of its own, which it turns into a subscriber. */
export function openWakeHub(subscriber: Redis, logger: Logger): WakeHub {
  const all = new Map<string, Set<Listener>>();
  const byRequest = new Map<string, Set<() => void>>();
  const subscribed = new Map<string, Promise<unknown>>();

  subscriber.on('message', (channel: string, id: string) => {
    for (const listener of all.get(channel) ?? []) listener(id);
    for (const listener of byRequest.get(`${channel}\n${id}`) ?? []) listener();
  });

  // Subscriptions stay: a workspace that was waited on once will be again, and ioredis renews them on reconnect.
  function subscribe(channel: string): Promise<unknown> {
    const known = subscribed.get(channel);
    if (known !== undefined) return known;
    const started = subscriber.subscribe(channel).catch((error) => {
      subscribed.delete(channel);
      logger.warn({ err: error }, 'could not subscribe to changes; waiting falls back to re-reading');
    });
    subscribed.set(channel, started);
    return started;
  }

  function register<T>(map: Map<string, Set<T>>, key: string, listener: T): () => void {
    const listeners = map.get(key) ?? new Set<T>();
    map.set(key, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) map.delete(key);
    };
  }

  return {
    async onChange(workspace, listener) {
      const channel = workspaceKeys(workspace).wake;
      const off = register(all, channel, listener);
      await subscribe(channel);
      return off;
    },
    async onRequest(workspace, id, listener) {
      const channel = workspaceKeys(workspace).wake;
      const off = register(byRequest, `${channel}\n${id}`, listener);
      await subscribe(channel);
      return off;
    },
  };
}
