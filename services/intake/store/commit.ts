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
  readonly #keys: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #comparisons: (string | number)[] = [];
  readonly #names: string[] = [];
  readonly #writes: (string | number)[] = [];
  #writeCount = 0;
  /** Redis time in ms after which nothing is written. */
  notAfter: number | undefined;

  #place(key: string): number {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#keys.push(key);
      this.#places.set(key, place);
    }
    return place;
  }

  /** The field must have this value; '' also stands for an absent field. `name` is reported on conflict. */
  expect(name: string, key: string, field: string, value: string): this {
    this.#names.push(name);
    this.#comparisons.push('field', this.#place(key), field, value);
    return this;
  }

  /** The key must not exist. */
  expectAbsent(name: string, key: string): this {
    this.#names.push(name);
    this.#comparisons.push('absent', this.#place(key), '', '');
    return this;
  }

  /** A write, by any command whose first argument is its key. Put one that grows memory first. */
  write(command: string, key: string, ...args: (string | number)[]): this {
    this.#writeCount += 1;
    this.#writes.push(command, this.#place(key), args.length, ...args);
    return this;
  }

  get isEmpty(): boolean {
    return this.#writeCount === 0;
  }

  /** Commits. Rejects when Redis cannot be reached: then it may or may not have happened. */
  async run(redis: Redis): Promise<Committed> {
    const reply = await redis.countersignCommit(
      this.#keys.length,
      ...this.#keys,
      this.notAfter ?? '',
      this.#names.length,
      ...this.#comparisons,
      this.#writeCount,
      ...this.#writes,
    );
    if (reply[0] === 'conflict') {
      return { outcome: 'conflict', now: reply[1], on: this.#names[reply[2] - 1] ?? 'unknown' };
    }
    return { outcome: reply[0], now: reply[1] };
  }
}
