/** `POST /v1/policy/simulate` and `GET /v1/insights/suggestions`: the sealed log read from its beginning. */
import { type AskSuggestions, type Problem, problem } from '@countersign/shared/contracts';
import { type Env, ledgerCalls } from '@countersign/shared/http';
import { loadPolicySet } from '@countersign/shared/policy';
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { Caller } from '../../access/keys.ts';
import type { Backtests } from '../../backtest/backtests.ts';
import type { Job } from '../../backtest/job.ts';
import type { LedgerRoutes, World } from '../app.ts';
import { answerInLines } from '../in-lines.ts';
import { sealedLogOf } from '../sealed-log-of.ts';

/** When it is worth asking again, s. */
const againAfter = 10;

const idsIn = (list = ''): string[] => list.split(',').filter(Boolean);

/** Members that are there. */
const present = (from: string | undefined, to?: string) => ({ ...(from && { from }), ...(to && { to }) });
const inMs = (from: string | undefined, to?: string) => ({
  ...(from === undefined ? {} : { from: Date.parse(from) }),
  ...(to === undefined ? {} : { to: Date.parse(to) }),
});

/** Mounts them. @param folderOf of all that is sealed in a workspace */
export function backtestRoutes(
  routes: LedgerRoutes,
  backtests: Backtests,
  folderOf: (workspace: string) => string,
  logger: Logger,
): void {
  /** Begins it, and answers in lines while it is worked out. */
  function answer(c: Context<Env>, { workspace }: Caller, job: Job): Response | Problem {
    const lines = answerInLines(c.req.raw.signal, logger, (telling) =>
      backtests.run(workspace, job, telling),
    );
    if (lines === undefined) {
      c.header('Retry-After', String(againAfter));
      return problem('rate_limited', 'This workspace has several backtests under way. Wait for one to end.');
    }
    c.header('Cache-Control', 'no-store');
    return c.body(lines, 200, { 'Content-Type': 'application/x-ndjson' });
  }

  routes.add(ledgerCalls.simulate, async ({ caller, body, logOf, onRecord, c }) => {
    const { files, from, to, audited = [], cleared = [] } = body;
    const loaded = loadPolicySet(files);
    if (!loaded.ok) {
      const [first] = loaded.problems;
      const detail = `${first?.file}:${first?.line}:${first?.column}: ${first?.message} Correct the policy; \`countersign policy check\` finds the same.`;
      return problem('policy_invalid', detail, { problems: loaded.problems });
    }
    const log = await sealedLogOf(logOf, caller, c);
    if ('code' in log) return log;
    // It reads the arguments of all that was proposed.
    const what = { form: 'simulation', policy_digest: loaded.set.digest, ...present(from, to) };
    await onRecord.searched(caller, 'audit.read', what);
    const folder = folderOf(caller.workspace);
    return answer(c, caller, { kind: 'simulation', folder, files, period: inMs(from, to), audited, cleared });
  });

  /** Reads the log for suggestions; that it does is on record. */
  async function suggestions(
    { caller, logOf, onRecord, c }: Pick<World, 'logOf' | 'onRecord'> & { caller: Caller; c: Context<Env> },
    { from, audited = [], cleared = [] }: AskSuggestions,
  ): Promise<Response | Problem> {
    const log = await sealedLogOf(logOf, caller, c);
    if ('code' in log) return log;
    await onRecord.searched(caller, 'audit.read', { form: 'suggestions', ...present(from) });
    const folder = folderOf(caller.workspace);
    return answer(c, caller, { kind: 'suggestions', folder, ...inMs(from), audited, cleared });
  }

  routes.add(ledgerCalls.suggestions, (call) => {
    const { from, audited, cleared } = call.query;
    return suggestions(call, { from, audited: idsIn(audited), cleared: idsIn(cleared) });
  });

  routes.add(ledgerCalls.askSuggestions, (call) => suggestions(call, call.body));
}
