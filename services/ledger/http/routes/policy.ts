/** `GET /v1/policy` and `POST /v1/policy/draft`: the policy that runs, and what it would be with some rules more. */
import { type Problem, problem } from '@countersign/shared/contracts';
import { ledgerCalls } from '@countersign/shared/http';
import { workspaceKeys } from '@countersign/shared/keys';
import { isLibrary, loadPolicySet, type PolicyFile, type PolicySet } from '@countersign/shared/policy';
import type { Redis } from 'ioredis';
import { draftOf } from '../../backtest/draft.ts';
import type { LedgerRoutes } from '../app.ts';

type Running = { digest: string; files: PolicyFile[]; set: PolicySet };

/** What intake has put in force. Whoever may read it may decide too, so what canaries are made from is left out. */
async function runningPolicy(redis: Redis, workspace: string): Promise<Running | Problem> {
  const keys = workspaceKeys(workspace);
  const digest = await redis.hget(keys.state, 'policy');
  const text = digest === null ? null : await redis.get(keys.policy(digest));
  if (digest === null || text === null)
    return problem('not_ready', 'No policy is in force yet. Start intake, then ask again.');
  const all = JSON.parse(text) as PolicyFile[];
  const loaded = loadPolicySet(all);
  if (!loaded.ok)
    return problem('not_ready', 'The policy in force was written for another version. Update both services.');
  return { digest, files: all.filter(({ path }) => !isLibrary(path)), set: loaded.set };
}

/** Files that suggestions go into, one a day. */
const pathOn = (now: Date): string => `suggested-${now.toISOString().slice(0, 10)}.yaml`;

/** Mounts them. */
export function policyRoutes(routes: LedgerRoutes): void {
  routes.add(ledgerCalls.policy, async ({ caller, redis, c }) => {
    const running = await runningPolicy(redis, caller.workspace);
    if ('code' in running) return running;
    const { digest, files, set } = running;
    const [seconds] = await redis.time();
    const now = Number(seconds) * 1_000;
    c.header('Cache-Control', 'no-store');
    return c.json({
      digest,
      files,
      rules: set.rules.map(({ name, file, effect, shadow, trial }) => ({
        name,
        file,
        effect,
        shadow,
        ...(trial === undefined
          ? {}
          : {
              trial: {
                otherwise: trial.otherwise,
                instead_of: trial.insteadOf,
                expires: new Date(trial.expires_at).toISOString(),
                over: trial.expires_at <= now,
              },
            }),
      })),
    });
  });

  routes.add(ledgerCalls.draftPolicy, async ({ caller, body, redis, c }) => {
    const running = await runningPolicy(redis, caller.workspace);
    if ('code' in running) return running;
    const { changes, files } = draftOf(running.files, body.rules, pathOn(new Date()));
    const loaded = loadPolicySet(files);
    if (!loaded.ok) {
      const [first] = loaded.problems;
      const detail = `${first?.file}:${first?.line}:${first?.column}: ${first?.message}`;
      return problem('policy_invalid', detail, { problems: loaded.problems });
    }
    c.header('Cache-Control', 'no-store');
    return c.json({ replaces: running.digest, changes, files });
  });
}
