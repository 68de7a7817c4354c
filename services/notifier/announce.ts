/** Tells the other services what the notifiers can send by, as long as one of them runs. */
import { globalKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';
import type { ChannelName } from './channels/channel.ts';

/** How often it is said again, ms, and how long it holds, s. */
const every = 30_000;
const holds = 120;

/** Says it now and from time to time, until it is stopped. */
export async function announceChannels(
  redis: Redis,
  can: ReadonlySet<ChannelName>,
  onError: (error: unknown) => void,
): Promise<{ stop(): void }> {
  const say = () => redis.set(globalKeys.notifierChannels, JSON.stringify([...can]), 'EX', holds);
  await say();
  const timer = setInterval(() => void say().catch(onError), every);
  return { stop: () => clearInterval(timer) };
}
