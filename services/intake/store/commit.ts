/** One atomic change to a workspace: comparisons that must hold, then writes (commit.lua). */
import { type EventBody, encodeEvent } from '@countersign/shared/feed';
import type { Redis } from 'ioredis';
import { type Alike, sendCommit } from './commit-group.ts';

/** What a commit came to. `conflict` names the comparison that failed; nothing was written. */
export type Committed =
  | { outcome: 'ok'; now: number }
  | { outcome: 'late'; now: number }
  | { outcome: 'conflict'; now: number; on: string };

/** A tally counts amounts over time: members `amount:name` by Redis ms, and their sum (commit.lua). */
export type TallyKeys = { members: string; sum: string };

export type CountedExpectation = {
  horizon: number;
  is: '<=' | '>';
  bound: number;
  without: readonly string[];
};

/** How long a tally outlives what it counts, ms, or up to a minute less: clocks of commits in flight differ. */
const tallyOutlives = 120_000;

/** Collects comparisons and writes, in any order, then commits them at once. */
export class Commit {
  readonly #comparisons = new Steps();
  readonly #writes = new Steps();
  /** What each comparison is about, for a conflict. */
  readonly #names: string[] = [];
  /** Keys that must not exist, and what they are about: compared first, all in one step. */
  readonly #absent = { keys: [] as string[], names: [] as string[] };
  #alike: Alike | undefined;
  #notAfter: number | undefined;

  /** Nothing is written after this, Redis time in ms; the earliest counts. */
  noLaterThan(at: number | undefined): this {
    if (at !== undefined) this.#notAfter = Math.min(at, this.#notAfter ?? at);
    return this;
  }

  /** The key must not exist. `name` is reported on conflict. */
  expectAbsent(name: string, key: string): this {
    this.#absent.names.push(name);
    this.#absent.keys.push(key);
    return this;
  }

  /** The fields must have these values; '' also stands for an absent field. On conflict its own name is reported. */
  expect(key: string, fields: Record<string, string>): this {
    const names = Object.keys(fields);
    this.#names.push(...names);
    this.#comparisons.add('=', [key], ...names, ...Object.values(fields));
    return this;
  }

  /**
   * The same for what many commits of one moment compare alike: it is sent once for all that were given the very object
   * `fields`, which nobody changes, and still compared for each. At most one for a commit.
   */
  expectAlike(key: string, fields: Readonly<Record<string, string>>): this {
    if (this.#alike !== undefined) throw new Error('a commit has one comparison that others share');
    this.#alike = { key, fields };
    this.#names.push(...Object.keys(fields));
    this.#comparisons.add('@', []);
    return this;
  }

  /**
   * What a tally counts after `horizon` (Redis ms), without some members, is at most `bound`, or more than it. `name` is
   * reported on conflict.
   */
  expectCounted(
    name: string,
    { members, sum }: TallyKeys,
    { horizon, is, bound, without }: CountedExpectation,
  ): this {
    this.#names.push(name);
    this.#comparisons.add(is, [members, sum], horizon, bound, ...without);
    return this;
  }

  /** Adds a member at a time to a tally that counts for `window`, ms, and forgets what had passed by then. */
  addToTally({ members, sum }: TallyKeys, member: string, at: number, window: number): this {
    this.#writes.add('+', [members, sum], member, at, at - window, at + window + tallyOutlives);
    return this;
  }

  /** Takes a member from a tally, if it is still counted. */
  takeFromTally({ members, sum }: TallyKeys, member: string): this {
    this.#writes.add('-', [members, sum], member);
    return this;
  }

  /** Appends events to a feed. */
  tell(feed: string, ...events: readonly EventBody[]): this {
    const entries: string[] = [];
    for (const event of events) {
      const [, type, , text] = encodeEvent(event);
      entries.push(type, text);
    }
    this.#writes.add('tell', [feed], ...entries);
    return this;
  }

  /** A write, by any command whose first argument is its key. Put one that grows memory first. */
  write(command: string, key: string, ...args: (string | number)[]): this {
    this.#writes.add(command, [key], ...args);
    return this;
  }

  /** The same write to several keys. Costs less than one by one. */
  writeAll(command: string, keys: readonly string[], ...args: (string | number)[]): this {
    this.#writes.add(command, keys, ...args);
    return this;
  }

  /** Commits. Rejects when Redis cannot be reached: then it may or may not have happened. */
  async run(redis: Redis): Promise<Committed> {
    const { keys: absent, names } = this.#absent;
    const keys = [...absent, ...this.#comparisons.keys, ...this.#writes.keys];
    const args = [...this.#comparisons.args, ...this.#writes.args];
    const first = absent.length === 0 ? '' : `! ${absent.length} 0 `;
    const steps = first + this.#comparisons.text + this.#writes.text;
    const notAfter = this.#notAfter ?? 0;
    const { now, result } = await sendCommit(redis, { notAfter, keys, args, steps, alike: this.#alike });
    if (result === 0) return { outcome: 'ok', now };
    if (result === -1) return { outcome: 'late', now };
    return { outcome: 'conflict', now, on: [...names, ...this.#names][result - 1] ?? 'unknown' };
  }
}

/** Steps as commit.lua reads them: their keys, their arguments, and in one text how many of each belong to which. */
class Steps {
  readonly keys: string[] = [];
  readonly args: (string | number)[] = [];
  text = '';

  add(command: string, keys: readonly string[], ...args: (string | number)[]): void {
    this.keys.push(...keys);
    this.args.push(...args);
    this.text += `${command} ${keys.length} ${args.length} `;
  }
}
