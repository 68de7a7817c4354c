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
  readonly #comparisons: (string | number)[] = [];
  readonly #names = { absent: [] as string[], compared: [] as string[] };
  readonly #written: string[] = [];
  readonly #args: (string | number)[] = [];
  #writes = '';
  /** Redis time in ms after which nothing is written. */
  notAfter: number | undefined;

  /** The key must not exist. `name` is reported on conflict, ahead of any field's. */
  expectAbsent(name: string, key: string): this {
    this.#names.absent.push(name);
    this.#absent.push(key);
    return this;
  }

  /** The fields must have these values; '' also stands for an absent field. On conflict its own name is reported. */
  expect(key: string, fields: Record<string, string>): this {
    const names = Object.keys(fields);
    this.#names.compared.push(...names);
    this.#compared.push(key);
    this.#comparisons.push(names.length, ...names, ...Object.values(fields));
    return this;
  }

  /** A write, by any command whose first argument is its key. Put one that grows memory first. */
  write(command: string, key: string, ...args: (string | number)[]): this {
    return this.writeAll(command, [key], ...args);
  }

  /** The same write to several keys. Costs less than one by one. */
  writeAll(command: string, keys: readonly string[], ...args: (string | number)[]): this {
    this.#written.push(...keys);
    this.#args.push(...args);
    this.#writes += `${command} ${keys.length} ${args.length} `;
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
      this.#writes,
      ...this.#args,
    );
    if (reply[0] === 'conflict') {
      const names = [...this.#names.absent, ...this.#names.compared];
      return { outcome: 'conflict', now: reply[1], on: names[reply[2] - 1] ?? 'unknown' };
    }
    return { outcome: reply[0], now: reply[1] };
  }
}
