/** Policy files on disk: read as one set a workspace, activated in Redis, reloaded on change; failing closed. */
import { globalKeys, workspaceKeys } from '@countersign/shared/keys';
import {
  loadPolicySet,
  type PolicyFile,
  type PolicyProblem,
  type PolicySet,
} from '@countersign/shared/policy';
import { readPolicyDirectory } from '@countersign/shared/policy-files';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { Commit } from '../store/commit.ts';
import { redisTime } from '../store/redis-time.ts';

/** A policy problem on one line, as compilers print it. */
function problemLine({ file, line, column, code, message }: PolicyProblem): string {
  return `${file}:${line}:${column}: ${message} [${code}]`;
}

/** Makes a set the one that judges in its workspace. Every intake follows from its next request on. */
async function activatePolicy(redis: Redis, workspace: string, set: PolicySet): Promise<void> {
  const keys = workspaceKeys(workspace);
  await redis.sadd(globalKeys.workspaces, workspace);
  for (;;) {
    const before = (await redis.hget(keys.state, 'policy')) ?? '';
    if (before === set.digest) return;
    const at = redisTime(await redis.time());
    const data = { digest: set.digest, ...(before === '' ? {} : { replaces: before }) };
    const event = { type: 'policy.activated', at, actor: { kind: 'system', id: 'intake' }, data } as const;
    const committed = await new Commit()
      .expect(keys.state, { policy: before })
      .write('SET', keys.policy(set.digest), JSON.stringify(set.files))
      .write('HSET', keys.state, 'policy', set.digest)
      .tell(keys.feed, event)
      .write('PUBLISH', keys.wake, '*')
      .run(redis);
    if (committed.outcome === 'ok') return;
  }
}

export type PolicyFailure = { workspace: string; problems: PolicyProblem[] };

/** Loads every workspace's set; all problems of all workspaces when any fails. */
function loadAll(files: Map<string, PolicyFile[]>): {
  sets: Map<string, PolicySet>;
  failures: PolicyFailure[];
} {
  const sets = new Map<string, PolicySet>();
  const failures: PolicyFailure[] = [];
  for (const [workspace, found] of files) {
    const loaded = loadPolicySet(found);
    if (loaded.ok) sets.set(workspace, loaded.set);
    else failures.push({ workspace, problems: loaded.problems });
  }
  return { sets, failures };
}

/** The policy directory does not load, so intake does not start. */
export class PolicyDoesNotLoad extends Error {
  override name = 'PolicyDoesNotLoad';
  readonly failures: PolicyFailure[];
  constructor(failures: PolicyFailure[]) {
    const lines = failures.flatMap(({ workspace, problems }) =>
      problems.map((problem) => `  ${workspace}: ${problemLine(problem)}`),
    );
    super(
      `The policy does not load, so nothing would be judged rightly. Correct it and start again:\n${lines.join('\n')}`,
    );
    this.failures = failures;
  }
}

/** The policy directory cannot be read. */
export class PolicyUnreadable extends Error {
  override name = 'PolicyUnreadable';
}

export type PolicyWatch = {
  /** Problems of the newest files, where they were not taken; empty when all is in force. */
  failures(): PolicyFailure[];
  /** Looks now instead of at the next tick. A change is taken at the second look that finds it. */
  check(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Activates the directory's policy and keeps looking for changes. Rejects with `PolicyDoesNotLoad` or
 * `PolicyUnreadable` when it does not load at the start; later a set that does not load leaves the one in force (law 3). Reading is by polling: it works on
 * every file system and with files that are swapped by symbolic links.
 */
export async function watchPolicies(
  redis: Redis,
  directory: string,
  logger: Logger,
  everyMs = 500,
): Promise<PolicyWatch> {
  const digests = new Map<string, string>();
  let broken: PolicyFailure[] = [];
  let brokenText = '';

  let last: { text: string; loaded: ReturnType<typeof loadAll> } | undefined;
  async function read(): Promise<ReturnType<typeof loadAll>> {
    const found = await readPolicyDirectory(directory);
    if (!found.ok) throw new PolicyUnreadable(found.message);
    // Files that read as they did load as they did: looking twice a second costs no parsing.
    const text = JSON.stringify([...found.workspaces]);
    if (last?.text !== text) last = { text, loaded: loadAll(found.workspaces) };
    return last.loaded;
  }
  async function take(sets: Map<string, PolicySet>): Promise<void> {
    for (const [workspace, set] of sets) {
      // Only a change on this disk activates: another machine's newer policy is not turned back by a restart loop here.
      if (digests.get(workspace) === set.digest) continue;
      await activatePolicy(redis, workspace, set);
      digests.set(workspace, set.digest);
      logger.info({ workspace, digest: set.digest }, 'policy in force');
    }
  }

  const atStart = await read();
  // An intake that does not start changes nothing, not even for the workspaces whose policy is in order.
  if (atStart.failures.length > 0) throw new PolicyDoesNotLoad(atStart.failures);
  await take(atStart.sets);

  // What a file holds while it is being written may load, and say less: a set counts once it reads the same twice.
  let seen = new Map<string, string>();
  async function check(): Promise<void> {
    try {
      const { sets, failures } = await read();
      broken = failures;
      await take(new Map([...sets].filter(([workspace, { digest }]) => seen.get(workspace) === digest)));
      seen = new Map([...sets].map(([workspace, { digest }]) => [workspace, digest]));
    } catch (error) {
      logger.warn({ err: error }, 'the policy directory could not be read; the policy in force stays');
      return;
    }
    const text = JSON.stringify(broken);
    if (text !== brokenText && broken.length > 0) {
      const problems = broken.flatMap((failure) => failure.problems.map(problemLine));
      logger.error({ problems }, 'the changed policy does not load; the policy in force stays');
    }
    brokenText = text;
  }

  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer = setTimeout(tick, everyMs);
  function tick(): void {
    running = check().finally(() => {
      if (!stopped) timer = setTimeout(tick, everyMs);
    });
  }
  return {
    failures: () => broken,
    check,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
