/** The delivery log: one line an attempt, for whoever asks what was sent where and what came of it. */
import type { DeliveryAttempt } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import type { Redis } from 'ioredis';

/** About how many attempts it keeps per workspace. */
export const logLength = 10_000;
/** How much of a peer's answer it keeps, characters. */
const responseKept = 512;

/** Writes a line where no delivery record is settled in the same step. */
export async function logAttempt(redis: Redis, workspace: string, attempt: DeliveryAttempt): Promise<void> {
  const { deliveryLog } = workspaceKeys(workspace);
  await redis.xadd(deliveryLog, 'MAXLEN', '~', logLength, '*', 'attempt', JSON.stringify(attempt));
}

/** An answer as the log keeps it: its first characters, with every secret struck out, since peers echo what they are sent. */
export function responseOf(text: string, secrets: readonly string[]): string {
  const struck = secrets.filter((secret) => secret !== '');
  return struck.reduce((kept, secret) => kept.replaceAll(secret, '[redacted]'), text).slice(0, responseKept);
}
