/** `POST /v1/policy/simulate` and `GET /v1/insights/suggestions`: the sealed log read from its beginning. */
import { hash } from 'node:crypto';
import { problem } from '@countersign/shared/contracts';
import { ledgerCalls } from '@countersign/shared/http';
import { loadPolicySet } from '@countersign/shared/policy';
import type { Logger } from 'pino';
import { simulate, suggest } from '../../backtest/run.ts';
import { takeTurns } from '../../history/turns.ts';
import type { LedgerRoutes } from '../app.ts';
import { answersInLines } from '../in-lines.ts';
import { sealedLogOf } from '../sealed-log-of.ts';

const lines = { 'Content-Type': 'application/x-ndjson' };

/** Members that are there. */
const present = (from: string | undefined, to?: string) => ({ ...(from && { from }), ...(to && { to }) });
const inMs = (from: string | undefined, to?: string) => ({
  ...(from === undefined ? {} : { from: Date.parse(from) }),
  ...(to === undefined ? {} : { to: Date.parse(to) }),
});

/** Mounts them. */
export function backtestRoutes(routes: LedgerRoutes, logger: Logger): void {
  const inLines = answersInLines(takeTurns(1), logger);

  routes.add(ledgerCalls.simulate, async ({ caller, body, logOf, onRecord, c }) => {
    const { files, from, to, audited = [] } = body;
    const loaded = loadPolicySet(files);
    if (!loaded.ok) {
      const [first] = loaded.problems;
      const detail = `${first?.file}:${first?.line}:${first?.column}: ${first?.message} Correct the policy; \`countersign policy check\` finds the same.`;
      return problem('policy_invalid', detail, { problems: loaded.problems });
    }
    const log = await sealedLogOf(logOf, caller, c);
    if ('code' in log) return log;
    // It reads the arguments of all that was proposed.
    const { set } = loaded;
    const what = { form: 'simulation', policy_digest: set.digest, ...present(from, to) };
    await onRecord.searched(caller, 'audit.read', what);
    c.header('Cache-Control', 'no-store');
    const answer = inLines(c.req.raw.signal, (telling) =>
      simulate(log, set, inMs(from, to), { ...telling, audited }),
    );
    return c.body(answer, 200, lines);
  });

  routes.add(ledgerCalls.suggestions, async ({ caller, query, logOf, onRecord, c }) => {
    const log = await sealedLogOf(logOf, caller, c);
    if ('code' in log) return log;
    const { from, audited = '' } = query;
    await onRecord.searched(caller, 'audit.read', { form: 'suggestions', ...present(from) });
    c.header('Cache-Control', 'no-store');
    const options = {
      ...inMs(from),
      now: Date.now(),
      // Nobody knows a checkpoint beforehand, so nobody chooses what is drawn; and it is drawn again the same way.
      lotOf: (id: string) => hash('sha256', `${log.checkpoint}${id}`),
    };
    const answer = inLines(c.req.raw.signal, (telling) =>
      suggest(log, options, { ...telling, audited: audited.split(',').filter(Boolean) }),
    );
    return c.body(answer, 200, lines);
  });
}
