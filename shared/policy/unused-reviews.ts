/** Rules that say how they are reviewed afterwards, and never are: whoever wrote that expects a review. */
import type { Draft } from './draft.ts';
import type { PolicyProblem } from './problem.ts';

/** One finding for each rule that states `review` under another effect than `review_after`. */
export function unusedReviews(drafts: readonly Draft[]): PolicyProblem[] {
  return drafts
    .flatMap(({ rules }) => rules)
    .flatMap(({ demands, effect, trial, problem }) => {
      if (demands.review === undefined || effect === 'review_after') return [];
      if (trial?.otherwise === 'review_after') return [];
      const message = `Nothing is reviewed afterwards under this rule: its effect is ${effect}. Remove \`review\`, or write \`effect: review_after\`.`;
      return [problem(['review'], 'review_unused', message)];
    });
}
