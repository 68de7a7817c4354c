/** Two intakes on one Redis, the ring that they share, and a way to let its time pass. */
import type { JsonObject } from '@countersign/shared/contracts';
import { decodeProtectedHeader } from 'jose';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { type Ring, tended } from '../../services/intake/signing/ring.ts';
import { changeRing, readRing } from '../../services/intake/signing/stored-ring.ts';
import { connectForCommands } from '../../services/intake/store/connect.ts';
import { type Arena, openArena } from '../laws/arena.ts';

export type Gates = Arena & {
  /** A connection as intake has it: it knows the commit script. */
  commands: ReturnType<typeof connectForCommands>;
  ring: () => Promise<Ring>;
  /** As if so many minutes had passed for the keys. */
  later: (minutes: number) => Promise<void>;
};

/** Opens them before the tests of a file, and closes them after. */
export function gates(policies: string): Gates {
  const opened = {} as Gates;
  beforeAll(async () => {
    const arena = await openArena(policies);
    const { host, port } = arena.redis.options;
    const commands = connectForCommands(`redis://${host}:${port}`, pino({ level: 'silent' }));
    await commands.connect();
    Object.assign(opened, arena, {
      commands,
      async ring() {
        const ring = await readRing(commands);
        if (ring === undefined) throw new Error('no ring');
        return ring;
      },
      async later(minutes) {
        const back = (at: number) => at - minutes * 60_000;
        // Intake looks after the keys each second, which here are many minutes.
        await changeRing(commands, tended);
        await changeRing(commands, (ring) => ({
          ...ring,
          keys: ring.keys.map(({ published_at, signs_from, ...key }) => ({
            ...key,
            published_at: back(published_at),
            ...(signs_from === undefined ? {} : { signs_from: back(signs_from) }),
          })),
        }));
        await changeRing(commands, tended);
      },
    } satisfies Omit<Gates, keyof Arena>);
  });
  afterAll(async () => {
    opened.commands?.disconnect();
    await opened.close?.();
  });
  return opened;
}

/** Which key has signed it. */
export function kidOf({ token }: { token: string; args: JsonObject }): string {
  return decodeProtectedHeader(token).kid ?? '';
}
