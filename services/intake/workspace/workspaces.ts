/**
 * What a workspace is right now: its policy, people, keys, freezes and signing keys, each cached under the version that Redis
 * gives it. One round trip tells the versions and the time; every commit compares the versions again.
 */
import { setImmediate as endOfTurn } from 'node:timers/promises';
import {
  type ApiKeyRecord,
  type FreezeRecord,
  groupsOfReviewers,
  type PersonRecord,
} from '@countersign/shared/directory';
import { globalKeys, type WorkspaceKeys, workspaceKeys } from '@countersign/shared/keys';
import { inForceAt, loadPolicySet, type PolicyFile, type PolicySet } from '@countersign/shared/policy';
import type { GroupsOf } from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import { type Continuity, ContinuityUnknown } from '../continuity/continuity.ts';
import type { World } from '../lifecycle/command.ts';
import { deniedKeys, type Ring } from '../signing/ring.ts';
import { adoptRing, readRing, SigningUnavailable } from '../signing/stored-ring.ts';
import type { Commit } from '../store/commit.ts';
import { repliesOf } from '../store/connect.ts';
import { redisTime } from '../store/redis-time.ts';
import { type Directory, directoryOf } from './directory.ts';

/** The versions that a snapshot was taken under: fields of the workspace's state hash. */
export type Versions = {
  policy: string;
  freeze: string;
  directory: string;
  signing: string;
  /** The run of Redis: numbers count on from an older state after a restore, and would be taken for those of before. */
  continuity: string;
  discontinuity: string;
};

const versionFields = ['policy', 'freeze', 'directory', 'signing', 'continuity', 'discontinuity'] as const;

export type Snapshot = {
  workspace: string;
  keys: WorkspaceKeys;
  versions: Versions;
  /** Without the trials that are over. */
  policy: PolicySet;
  /** When the next trial of it ends, Redis ms: what rests on it is to be committed before. Absent: none does. */
  policyUntil?: number;
  directory: Directory;
  freezes: FreezeRecord[];
  ring: Ring;
  /** Redis ms. Approvals from before do not count: what became of them may be lost. */
  distrustedBefore: number | undefined;
  groupsOf: GroupsOf;
};

/** A snapshot and the Redis time in ms at which it held. */
export type Current = { snapshot: Snapshot; now: number };

/** The pure part's view of a snapshot at a time. */
export function worldOf({ snapshot, now }: Current): World {
  return {
    now,
    freezes: snapshot.freezes,
    freeze_epoch: Number(snapshot.versions.freeze || 0),
    groupsOf: snapshot.groupsOf,
    reviewers: snapshot.directory.reviewers,
    denied_keys: deniedKeys(snapshot.ring),
    ...(snapshot.distrustedBefore === undefined ? {} : { distrusted_before: snapshot.distrustedBefore }),
  };
}

/** Makes a commit void when policy, people, keys, freezes or signing keys have changed since the snapshot. */
export function expectUnchanged(commit: Commit, { keys, versions, policyUntil }: Snapshot): void {
  commit.expectAlike(keys.state, versions);
  if (policyUntil !== undefined) commit.noLaterThan(policyUntil - 1);
}

/** A snapshot at a time: its policy has no trial that is over by then. */
function currentOf(snapshot: Snapshot, now: number): Current {
  const { set, until } = inForceAt(snapshot.policy, now);
  if (set === snapshot.policy && until === Infinity) return { snapshot, now };
  return { snapshot: { ...snapshot, policy: set, policyUntil: until }, now };
}

const records = <T>(hash: Record<string, string>): T[] =>
  Object.values(hash).map((text) => JSON.parse(text) as T);

/** How often the state is read while Redis changes under it: once is enough but for a restart in between. */
const rounds = 5;

/** What Redis holds for the versions. */
type Versioned = (string | null)[];

/** Redis `TIME`, and the versions at that time. */
type State = [clock: number[], versions: Versioned];

/** The active policy cannot be read: this process must not answer for the workspace. */
export class PolicyUnavailable extends Error {
  override name = 'PolicyUnavailable';
}

export type Workspaces = {
  /** The workspace as it is now; `undefined` when there is no such workspace. */
  current(workspace: string): Promise<Current | undefined>;
};

/** Opens the cache. Rejections mean that Redis cannot be reached. */
export function openWorkspaces(redis: Redis, continuity: Continuity): Workspaces {
  const snapshots = new Map<string, Snapshot>();
  const policies = new Map<string, PolicySet>();

  async function policySet(keys: WorkspaceKeys, digest: string): Promise<PolicySet> {
    const known = policies.get(digest);
    if (known !== undefined) return known;
    const text = await redis.get(keys.policy(digest));
    if (text === null) throw new PolicyUnavailable(`the active policy ${digest} is not in Redis`);
    const loaded = loadPolicySet(JSON.parse(text) as PolicyFile[]);
    if (!loaded.ok) throw new PolicyUnavailable(`the active policy ${digest} does not load in this version`);
    policies.set(digest, loaded.set);
    return loaded.set;
  }

  /** The ring of this version; undefined when the workspace was not under the stored one, and is now. */
  async function ringOf(workspace: string, version: string): Promise<Ring | undefined> {
    const ring = await readRing(redis);
    if (ring === undefined || ring.version < Number(version)) {
      throw new SigningUnavailable(`the signing keys of version ${version} are not in Redis`);
    }
    if (ring.version === Number(version)) return ring;
    await adoptRing(redis, workspace, ring);
    return undefined;
  }

  async function refresh(workspace: string, keys: WorkspaceKeys): Promise<Snapshot | undefined> {
    // Versions and contents in one transaction: a snapshot never mixes two states.
    const replies = await redis
      .multi()
      .hmget(keys.state, ...versionFields)
      .hgetall(keys.apiKeys)
      .hgetall(keys.people)
      .hgetall(keys.freezes)
      .exec();
    const [versions, apiKeys, people, freezes] = repliesOf(replies) as [
      Versioned,
      Record<string, string>,
      Record<string, string>,
      Record<string, string>,
    ];
    const [policy, freeze, directoryVersion, signing, run, found] = versions;
    if (policy === null || policy === undefined) return undefined;
    const ring = await ringOf(workspace, signing ?? '');
    if (ring === undefined) return refresh(workspace, keys);
    const set = await policySet(keys, policy);
    const directory = directoryOf(records<ApiKeyRecord>(apiKeys), records<PersonRecord>(people));
    const snapshot: Snapshot = {
      workspace,
      keys,
      versions: {
        policy,
        freeze: freeze ?? '',
        directory: directoryVersion ?? '',
        signing: signing ?? '',
        continuity: run ?? '',
        discontinuity: found ?? '',
      },
      policy: set,
      directory,
      freezes: records<FreezeRecord>(freezes),
      ring,
      distrustedBefore: found ? Number(found) : undefined,
      groupsOf: groupsOfReviewers(directory.reviewers, directory.people.values(), set.groups),
    };
    snapshots.set(workspace, snapshot);
    return snapshot;
  }

  const asked = new Map<string, Promise<State>>();

  /** The state as it is after this was called. Calls in one turn of the event loop share a question to Redis. */
  function readState({ state }: WorkspaceKeys): Promise<State> {
    const reading = asked.get(state) ?? askState(state);
    asked.set(state, reading);
    return reading;
  }

  async function askState(state: string): Promise<State> {
    await endOfTurn();
    // Whoever comes from here on needs an answer of their own: this question is about to be asked.
    asked.delete(state);
    // Two commands that leave together; a pipeline of them would cost more than they do.
    return Promise.all([redis.time(), redis.hmget(state, ...versionFields)]);
  }

  return {
    async current(workspace) {
      for (let round = 0; round < rounds; round++) {
        const cached = snapshots.get(workspace);
        const keys = cached?.keys ?? workspaceKeys(workspace);
        const [clock, versions] = await readState(keys);
        const [policy, freeze, directory, signing, seen, found] = versions;
        if (policy === null || policy === undefined) return undefined;
        // Asked after the state was read: a connection that was new by then is of a run that nobody has looked at.
        const run = await continuity.run();
        if (seen !== run) {
          await continuity.settle(workspace, run);
          continue;
        }
        const held = cached?.versions;
        const now = redisTime(clock);
        if (
          cached !== undefined &&
          held?.policy === policy &&
          held.freeze === (freeze ?? '') &&
          held.directory === (directory ?? '') &&
          held.signing === (signing ?? '') &&
          held.continuity === run &&
          held.discontinuity === (found ?? '')
        ) {
          return currentOf(cached, now);
        }
        const snapshot = await refresh(workspace, keys);
        if (snapshot === undefined) return undefined;
        if (snapshot.versions.continuity === run) return currentOf(snapshot, now);
      }
      throw new ContinuityUnknown('Redis answers as another run each time it is asked');
    },
  };
}

/** Workspaces whose active policy this process cannot judge by, in words. */
export async function unreadablePolicies(redis: Redis, workspaces: Workspaces): Promise<string[]> {
  const names = await redis.smembers(globalKeys.workspaces);
  const found = await Promise.all(
    names.map((name) =>
      workspaces.current(name).then(
        () => undefined,
        (error) => {
          if (error instanceof PolicyUnavailable) return `Workspace ${name}: ${error.message}.`;
          throw error;
        },
      ),
    ),
  );
  return found.filter((reason) => reason !== undefined);
}
