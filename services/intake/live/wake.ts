/** Wakes whoever waits for a change: one subscription a process, however many wait. */
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

/** Called with the id of the request that changed, or `*`. */
type Listener = (requestId: string) => void;

/**
 * Registering returns at once, with the function that ends it, even where Redis is away. Until the subscription to a
 * workspace stands, a listener is also called when it does, since changes before that were not heard.
 */
export type WakeHub = {
  /** Calls `listener` on every change in the workspace. */
  onChange(workspace: string, listener: Listener): () => void;
  /** Calls `listener` on changes of one request only. */
  onRequest(workspace: string, id: string, listener: () => void): () => void;
  /** How many listen now. */
  listeners(): number;
};

/** Opens the hub on a connection of its own, which it turns into a subscriber. */
export function openWakeHub(subscriber: Redis, logger: Logger): WakeHub {
  const all = new Map<string, Set<Listener>>();
  const byRequest = new Map<string, Set<() => void>>();
  const subscribed = new Map<string, 'stands' | Promise<void>>();

  subscriber.on('message', (channel: string, id: string) => {
    for (const listener of all.get(channel) ?? []) listener(id);
    for (const listener of byRequest.get(`${channel}\n${id}`) ?? []) listener();
  });

  // Subscriptions stay: a workspace that was waited on once will be again, and ioredis renews them on reconnect.
  function subscribe(channel: string, stands: () => void): void {
    const state = subscribed.get(channel);
    if (state === 'stands') return;
    const started =
      state ??
      subscriber.subscribe(channel).then(
        () => void subscribed.set(channel, 'stands'),
        (error) => {
          subscribed.delete(channel);
          logger.warn({ err: error }, 'could not subscribe to changes; waiting falls back to re-reading');
        },
      );
    if (state === undefined) subscribed.set(channel, started);
    void started.then(stands);
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

  const sizes = <T>(map: Map<string, Set<T>>): number =>
    [...map.values()].reduce((sum, { size }) => sum + size, 0);

  return {
    listeners: () => sizes(all) + sizes(byRequest),
    onChange(workspace, listener) {
      const channel = workspaceKeys(workspace).wake;
      const off = register(all, channel, listener);
      subscribe(channel, () => listener('*'));
      return off;
    },
    onRequest(workspace, id, listener) {
      const channel = workspaceKeys(workspace).wake;
      const off = register(byRequest, `${channel}\n${id}`, listener);
      subscribe(channel, listener);
      return off;
    },
  };
}
