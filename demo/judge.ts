/** How `--auto` decides: one amount edited, one call rejected, everything else approved. */
import type { RequestView } from '../sdk/index.ts';
import type { Judge, Judgement } from './reviewer.ts';

/** A judge with a memory: several reviewers that share it agree on each request. */
export function autoJudge(): Judge {
  const before = new Map<string, Judgement>();
  let edited = false;
  let rejected = false;

  function judge({ tool, args, editable }: RequestView): Judgement {
    const { amount } = args;
    if (!edited && typeof amount === 'number' && amount > 1 && (editable?.includes('amount') ?? true)) {
      edited = true;
      return {
        verdict: 'approve',
        args: { ...args, amount: Math.round(amount / 2) },
        reason: 'A half is enough.',
      };
    }
    if (!rejected && tool.includes('cancel')) {
      rejected = true;
      return { verdict: 'reject', reason: 'The fare rules do not allow this cancellation.' };
    }
    return { verdict: 'approve' };
  }

  return (request) => {
    // An edit makes a new version, which needs no second edit.
    if (request.proposed_args) return { verdict: 'approve' };
    const judgement = before.get(request.id) ?? judge(request);
    before.set(request.id, judgement);
    return judgement;
  };
}
