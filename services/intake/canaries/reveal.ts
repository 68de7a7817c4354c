/** What a reviewer is told of the canary that they answered: at once, and nobody else. */
import { valueAt } from '@countersign/shared/card';
import type { CanaryReveal, Json } from '@countersign/shared/contracts';
import type { Loaded } from '@countersign/shared/request';
import type { Caller, Service } from '../requests/service.ts';
import { libraryName } from './library.ts';

/** Undefined for everything but a canary that this caller has answered. */
export async function revealTo(
  { redis }: Pick<Service, 'redis'>,
  { key, current }: Caller,
  { record, payloads }: Loaded,
): Promise<CanaryReveal | undefined> {
  const { planted } = record;
  if (planted?.answer?.by !== key.owner) return undefined;
  const { kind, path, difficulty, answer } = planted;
  const stored = await redis.get(current.snapshot.keys.canaryRight(record.id));
  const { library } = current.snapshot.policy;
  const look = library.find(({ name }) => planted.source === libraryName(name))?.look;
  const shown = valueAt(payloads.current?.args ?? {}, path);
  return {
    caught: answer.caught,
    kind,
    path,
    difficulty,
    ...(look === undefined ? {} : { look }),
    ...(shown === undefined ? {} : { shown }),
    ...(stored === null ? {} : { right: JSON.parse(stored) as Json }),
  };
}
