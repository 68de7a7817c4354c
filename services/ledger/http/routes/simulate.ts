/** `POST /v1/policy/simulate`: one at a time in a process, since it works on the thread that everything else works on. */
import { problem, problemDocument, type SimulationLine } from '@countersign/shared/contracts';
import { ledgerCalls } from '@countersign/shared/http';
import { loadPolicySet } from '@countersign/shared/policy';
import type { Logger } from 'pino';
import type { Progress } from '../../backtest/read.ts';
import { simulate } from '../../backtest/run.ts';
import { takeTurns } from '../../history/turns.ts';
import type { LedgerRoutes } from '../app.ts';
import { sealedLogOf } from '../sealed-log-of.ts';

/** How often it is told how far it is, ms. */
const tellEveryMs = 250;

const msOf = (time: string | undefined): number | undefined =>
  time === undefined ? undefined : Date.parse(time);

/** An answer in lines, written while the work goes on. Nobody reading ends the work. */
function inLines(
  signal: AbortSignal,
  failed: (error: unknown) => SimulationLine,
  work: (tell: (line: SimulationLine) => void, signal: AbortSignal) => Promise<SimulationLine>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const left = new AbortController();
  const ended = AbortSignal.any([signal, left.signal]);
  return new ReadableStream({
    async start(controller) {
      const tell = (line: SimulationLine): void => {
        if (!ended.aborted) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      };
      tell({ progress: { stage: 'waiting', done: 0, of: 0 } });
      // Not awaited: what is enqueued goes out while the work goes on.
      work(tell, ended).then(
        (last) => {
          tell(last);
          if (!ended.aborted) controller.close();
        },
        (error: unknown) => {
          // Whoever went away is not told.
          if (ended.aborted) return;
          tell(failed(error));
          controller.close();
        },
      );
    },
    cancel: () => left.abort(),
  });
}

/** Mounts it. */
export function simulateRoutes(routes: LedgerRoutes, logger: Logger): void {
  const failed = (error: unknown): SimulationLine => {
    logger.error({ err: error }, 'a simulation failed');
    return { problem: problemDocument(problem('internal', 'It failed on our side, and is in the log.')) };
  };
  const turns = takeTurns(1);
  routes.add(ledgerCalls.simulate, async ({ caller, body, logOf, onRecord, c }) => {
    const loaded = loadPolicySet(body.files);
    if (!loaded.ok) {
      const [first] = loaded.problems;
      const detail = `${first?.file}:${first?.line}:${first?.column}: ${first?.message} Correct the policy; \`countersign policy check\` finds the same.`;
      return problem('policy_invalid', detail, { problems: loaded.problems });
    }
    const log = await sealedLogOf(logOf, caller, c);
    if ('code' in log) return log;
    // It reads the arguments of all that was proposed.
    const { from, to, audited = [] } = body;
    const { digest } = loaded.set;
    const period = { ...(from && { from }), ...(to && { to }) };
    await onRecord.searched(caller, 'audit.read', { form: 'simulation', policy_digest: digest, ...period });
    c.header('Cache-Control', 'no-store');
    const [since, until] = [msOf(from), msOf(to)];
    const lines = inLines(c.req.raw.signal, failed, (tell, signal) =>
      turns(async () => {
        let told = 0;
        const onProgress = (progress: Progress): void => {
          if (performance.now() - told < tellEveryMs && progress.done < progress.of) return;
          told = performance.now();
          tell({ progress });
        };
        const counted = {
          ...(since === undefined ? {} : { from: since }),
          ...(until === undefined ? {} : { to: until }),
        };
        return {
          result: await simulate(log, loaded.set, counted, { onProgress, signal, audited }),
        };
      }),
    );
    return c.body(lines, 200, { 'Content-Type': 'application/x-ndjson' });
  });
}
