/** One atomic change to a workspace: comparisons that must hold, then writes (commit.lua). */
import { readFileSync } from 'node:fs';
import type { Redis, Result } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countersignCommit(keyCount: number, ...keysAndArgs: (string | number)[]): Result<CommitReply, Context>;
  }
}

type CommitReply = ['ok' | 'late', number] | ['conflict', number, number];

/** What a commit came to. `conflict` names the comparison that failed; nothing was written. */
export type Committed =
  | { outcome: 'ok'; now: number }
  | { outcome: 'late'; now: number }
  | { outcome: 'conflict'; now: number; on: string };

const lua = readFileSync(new URL('./commit.lua', import.meta.url), 'utf8');

/** Teaches a connection the commit script. Once per connection. */
export function defineCommit(redis: Redis): void {
  redis.defineCommand('countersignCommit', { lua });
}

/** Collects comparisons and writes, then commits them at once. */
export class Commit {
  readonly #absent: string[] = [];
  readonly #compared: string[] = [];
  readonly #comparisons: string[] = [];
  readonly #names = { absent: [] as string[], compared: [] as string[] };
  readonly #written: string[] = [];
  readonly #writes: (string | number)[] = [];
  /** Redis time in ms after which nothing is written. */
  notAfter: number | undefined;

  /** The key must not exist. `name` is reported on conflict, ahead of any field's. */
  expectAbsent(name: string, key: string): this {
    this.#names.absent.push(name);
    this.#absent.push(key);
    return this;
  }

  /** The field must have this value; '' also stands for an absent field. `name` is reported on conflict. */
  expect(name: string, key: string, field: string, value: string): this {
    this.#names.compared.push(name);
    this.#compared.push(key);
    this.#comparisons.push(field, value);
    return this;
  }

  /** A write, by any command whose first argument is its key. Put one that grows memory first. */
  write(command: string, key: string, ...args: (string | number)[]): this {
    this.#written.push(key);
    this.#writes.push(command, args.length, ...args);
    return this;
  }

  /** Commits. Rejects when Redis cannot be reached: then it may or may not have happened. */
  async run(redis: Redis): Promise<Committed> {
    const keys = [...this.#absent, ...this.#compared, ...this.#written];
    const reply = await redis.countersignCommit(
      keys.length,
      ...keys,
      this.notAfter ?? '',
      this.#absent.length,
      this.#compared.length,
      ...this.#comparisons,
      this.#written.length,
      ...this.#writes,
    );
    if (reply[0] === 'conflict') {
      const names = [...this.#names.absent, ...this.#names.compared];
      return { outcome: 'conflict', now: reply[1], on: names[reply[2] - 1] ?? 'unknown' };
    }
    return { outcome: reply[0], now: reply[1] };
  }
}
