/** Backtests answer in JSON Lines: how far they are while they work, and in the last line what came of it. */
import { problem, problemDocument } from '@countersign/shared/contracts';
import type { Logger } from 'pino';
import type { Telling } from '../backtest/backtests.ts';

/** A line comes at least so often, also while others have their turn: whoever hears nothing takes it for broken. ms. */
const aliveEveryMs = 5_000;

/** What can be told of why it failed, by the code of what the thread failed with. */
const reasons: Readonly<Record<string, string>> = {
  ERR_WORKER_OUT_OF_MEMORY: 'The log is too long for the memory that a backtest may take.',
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/**
 * Begins the work and answers with its lines. Whoever goes away ends the work.
 *
 * @param work undefined, at once, where it was not begun: then there is no answer either
 */
export function answerInLines(
  signal: AbortSignal,
  logger: Logger,
  work: (telling: Telling) => Promise<unknown> | undefined,
): ReadableStream<Uint8Array> | undefined {
  const encoder = new TextEncoder();
  const left = new AbortController();
  const ended = AbortSignal.any([signal, left.signal]);
  let last: unknown = { progress: { stage: 'waiting', done: 0, of: 0 } };
  let tell: (line: unknown) => void = () => undefined;
  const working = work({ onProgress: (progress) => tell({ progress }), signal: ended });
  if (working === undefined) return undefined;

  return new ReadableStream({
    start(controller) {
      tell = (line) => {
        last = line;
        if (!ended.aborted) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      };
      tell(last);
      const alive = setInterval(() => tell(last), aliveEveryMs);
      working
        .then(
          (result) => tell({ result }),
          (error: unknown) => {
            // Whoever went away is not told.
            if (ended.aborted) return;
            logger.error({ err: error }, 'a backtest failed');
            const detail = reasons[codeOf(error)] ?? 'It failed on our side, and is in the log.';
            tell({ problem: problemDocument(problem('internal', detail)) });
          },
        )
        .finally(() => {
          clearInterval(alive);
          if (!ended.aborted) controller.close();
        });
    },
    cancel: () => left.abort(),
  });
}
