/**
 * Load, decide, commit: the one way a request changes. When anything the decision rested on has changed by the time
 * of the commit, everything is loaded and decided again; bounded, so that a storm ends in `too_busy` and no harm.
 */
import { hash } from 'node:crypto';
import { type Problem, problem } from '@countersign/shared/contracts';
import type { EventBody } from '@countersign/shared/feed';
import {
  type Loaded,
  loadRequest,
  type Payload,
  type RequestRecord,
  type Words,
} from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import type { Command } from '../lifecycle/command.ts';
import { decide } from '../lifecycle/decide.ts';
import { timersOf } from '../lifecycle/due.ts';
import {
  type Current,
  expectUnchanged,
  type Snapshot,
  type Workspaces,
  worldOf,
} from '../workspace/workspaces.ts';
import { Commit } from './commit.ts';
import { writeDrawnRun } from './draws.ts';
import { writeEntries } from './entries.ts';
import { writeStreak } from './flood.ts';
import { writeGrants } from './grants.ts';
import { expectLimits, type LimitExpectation, writeShares } from './limits.ts';

/** How often a change is tried before it is `too_busy`. Each round means that somebody else got through. */
const rounds = 12;

/** Events that stand for a new payload version. */
const carriesPayload = new Set<string>(['action.proposed', 'request.edited']);

/** Events of which somebody's words are told beside them. */
const carriesWords = new Set<string>([
  'question.asked',
  'question.answered',
  'verdict.given',
  'review.reviewed',
  'review.undo_requested',
  'outcome.reported',
]);

/** What the store needs of its surroundings. */
export type StoreContext = {
  redis: Redis;
  workspaces: Workspaces;
  /** Called after a commit with the times at which its timers are due. Never awaited, never fails the commit. */
  onTimers: (workspace: string, dueTimes: number[], now: number) => void;
};

/**
 * A command for the request as loaded, or why there is none; with the payload of a new version where it edits, and the
 * keys of texts that go with it where it erases, and the counts of limits that it rests on.
 */
export type Plan =
  | {
      command: Command;
      payload?: Payload;
      outcomeDetail?: string;
      words?: StoredWords;
      erases?: readonly string[];
      limits?: readonly LimitExpectation[];
    }
  | { refusal: Problem };

/** Erasable words that the command's event commits to: salted JSON, of questions and answers `Words`, for a field of a hash. */
export type StoredWords = { key: string; field: string; text: string };

export type Transacted =
  | { ok: true; loaded: Loaded; current: Current; changed: boolean }
  | { ok: false; problem: Problem; loaded?: Loaded; current: Current };

/** Adds the writes of a changed request and its events to a commit. The first write is one that grows memory. */
export function writeChange(
  commit: Commit,
  snapshot: Snapshot,
  before: RequestRecord | undefined,
  after: RequestRecord,
  events: EventBody[],
  payload?: Payload,
): void {
  const { keys } = snapshot;
  const key = keys.request(after.id);
  commit.write('HSET', key, 'revision', after.revision, 'record', JSON.stringify(after));
  let told = events;
  if (payload !== undefined) {
    const text = JSON.stringify(payload);
    commit.write('SET', keys.payload(after.id, after.payload_version), text);
    // The payload holds a random salt, so its hash commits to it and says nothing once it is erased.
    const reference = { version: after.payload_version, commitment: `sha256:${hash('sha256', text, 'hex')}` };
    told = events.map((event) => (carriesPayload.has(event.type) ? { ...event, payload: reference } : event));
  }
  writeEntries(commit, keys, before, after);
  writeGrants(commit, keys, before, after);
  writeShares(commit, keys, before, after);
  writeDrawnRun(commit, keys, before, after);
  if (snapshot.policy.flood !== undefined) writeStreak(commit, keys, before, after);
  writeEvents(commit, snapshot, told);
  commit.write('PUBLISH', keys.wake, after.id);
}

/** Its words are salted, as payloads are. */
function withWords(event: EventBody, { field, text }: StoredWords): EventBody {
  if (!carriesWords.has(event.type)) return event;
  return { ...event, words: { field, commitment: `sha256:${hash('sha256', text, 'hex')}` } };
}

/** Appends events to the feed. */
export function writeEvents(commit: Commit, { keys }: Snapshot, events: EventBody[]): void {
  commit.tell(keys.feed, ...events);
}

/**
 * Changes one request by the command that `plan` makes for it. Transitions that are due are committed even where
 * the command is refused. Rejects when Redis cannot be reached.
 */
export async function transact(
  context: StoreContext,
  workspace: string,
  id: string,
  plan: (loaded: Loaded, current: Current) => Plan | Promise<Plan>,
): Promise<Transacted> {
  for (let round = 0; round < rounds; round++) {
    const current = await context.workspaces.current(workspace);
    if (current === undefined) throw new Error(`workspace ${workspace} has gone`);
    const { snapshot } = current;
    const loaded = await loadRequest(context.redis, snapshot.keys, id);
    if (loaded === undefined) {
      return { ok: false, problem: problem('not_found', `There is no request ${id} here.`), current };
    }
    const planned = await plan(loaded, current);
    if ('refusal' in planned) return { ok: false, problem: planned.refusal, loaded, current };

    const before = loaded.record;
    const { request: after, events, refusal, not_after } = decide(before, planned.command, worldOf(current));
    const changed = after !== before;
    if (changed || events.length > 0) {
      const commit = new Commit();
      commit.noLaterThan(not_after);
      commit.expect(snapshot.keys.request(id), { revision: String(before.revision) });
      expectUnchanged(commit, snapshot);
      if (refusal === undefined) expectLimits(commit, snapshot.keys, planned.limits ?? []);
      const words =
        refusal === undefined && events.some(({ type }) => carriesWords.has(type))
          ? planned.words
          : undefined;
      const told = words === undefined ? events : events.map((event) => withWords(event, words));
      const edited = after.payload_version !== before.payload_version ? planned.payload : undefined;
      if (changed) writeChange(commit, snapshot, before, after, told, edited);
      else writeEvents(commit, snapshot, told);
      // What is shown of an outcome is what the log commits to: with a refusal, or said again, nothing is written.
      const detail = words === undefined ? undefined : planned.outcomeDetail;
      if (detail !== undefined) {
        commit.write('SET', snapshot.keys.outcomeDetail(id), detail);
      } else if (after.outcome !== before.outcome) {
        // What was said of an earlier outcome is not said of this one.
        commit.write('DEL', snapshot.keys.outcomeDetail(id));
        delete loaded.payloads.outcome_detail;
      }
      if (words !== undefined) commit.write('HSET', words.key, words.field, words.text);
      if (refusal === undefined && planned.erases !== undefined) commit.writeAll('DEL', planned.erases);
      const { outcome } = await commit.run(context.redis);
      if (outcome !== 'ok') continue;
      const times = Object.values(timersOf(after)).filter(
        (time) => !Object.values(timersOf(before)).includes(time),
      );
      if (times.length > 0) context.onTimers(workspace, times, current.now);
      if (edited !== undefined) loaded.payloads.current = edited;
      if (detail !== undefined) loaded.payloads.outcome_detail = JSON.parse(detail);
      if (words !== undefined) {
        const said: Words = JSON.parse(words.text);
        loaded.payloads.words = { ...loaded.payloads.words, [words.field]: said };
      }
    }
    const now: Loaded = { record: after, payloads: loaded.payloads };
    return refusal === undefined
      ? { ok: true, loaded: now, current, changed }
      : { ok: false, problem: refusal, loaded: now, current };
  }
  const current = await context.workspaces.current(workspace);
  if (current === undefined) throw new Error(`workspace ${workspace} has gone`);
  const detail = 'Others keep changing this request or its workspace. Nothing was done; try again.';
  return { ok: false, problem: problem('too_busy', detail), current };
}
