/** Backtests answer in JSON Lines: how far they are while they work, and in the last line what came of it. */
import { problem, problemDocument } from '@countersign/shared/contracts';
import type { Logger } from 'pino';
import type { Progress } from '../backtest/read.ts';
import type { Turns } from '../history/turns.ts';

/** How often it is told how far it is, ms. */
const tellEveryMs = 250;

/** What a backtest is told, and whom it tells. */
export type Telling = { onProgress: (progress: Progress) => void; signal: AbortSignal };

/** Works and answers. The answer's type is that of JSON Lines. */
export type InLines = (
  signal: AbortSignal,
  work: (telling: Telling) => Promise<unknown>,
) => ReadableStream<Uint8Array>;

/**
 * Answers in lines, one after the other in a process: the work is done on the thread that everything else is done on.
 * Whoever goes away ends the work.
 */
export function answersInLines(turns: Turns, logger: Logger): InLines {
  const encoder = new TextEncoder();
  return (signal, work) => {
    const left = new AbortController();
    const ended = AbortSignal.any([signal, left.signal]);
    return new ReadableStream({
      start(controller) {
        const tell = (line: unknown): void => {
          if (!ended.aborted) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
        };
        let told = 0;
        const onProgress = (progress: Progress): void => {
          if (performance.now() - told < tellEveryMs && progress.done < progress.of) return;
          told = performance.now();
          tell({ progress });
        };
        tell({ progress: { stage: 'waiting', done: 0, of: 0 } });
        // Not awaited: what is enqueued goes out while the work goes on.
        turns(() => work({ onProgress, signal: ended })).then(
          (result) => {
            tell({ result });
            if (!ended.aborted) controller.close();
          },
          (error: unknown) => {
            // Whoever went away is not told.
            if (ended.aborted) return;
            logger.error({ err: error }, 'a backtest failed');
            tell({
              problem: problemDocument(problem('internal', 'It failed on our side, and is in the log.')),
            });
            controller.close();
          },
        );
      },
      cancel: () => left.abort(),
    });
  };
}
