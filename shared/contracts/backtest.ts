/** How a backtest answers: JSON Lines, because it may take longer than anyone wants to wait in the dark. */
import { z } from 'zod';

const Count = z.number().int().nonnegative();

/** How far it is. `done` of `of`: entries while it reads, actions while it judges. */
const Progress = z.object({ stage: z.enum(['waiting', 'reading', 'judging']), done: Count, of: Count });
export type BacktestProgress = z.infer<typeof Progress>;

export type BacktestLine<Result> =
  | { progress: BacktestProgress }
  | { result: Result }
  | { problem: { code: string; detail: string } };

/** A line of the answer. The last one is a result or a problem; an answer that ends without either was cut short. */
export const backtestLine = <Result extends z.ZodType>(result: Result) =>
  z.union([
    z.object({ progress: Progress }),
    z.object({ result }),
    z.object({ problem: z.looseObject({ code: z.string(), detail: z.string() }) }),
  ]);
