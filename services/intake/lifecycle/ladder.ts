/** What is done while nobody decides: steps are due like a deadline is, and each is done once. Pure. */
import type { EventBody } from '@countersign/shared/feed';
import { inOneLadder, type PolicyAnswer, sameStep, widen } from '@countersign/shared/policy';
import { dueAt, isPaused, kindOf, type LadderStep, type RequestRecord } from '@countersign/shared/request';
import type { World } from './command.ts';
import { eventOf, policy, timer } from './event.ts';
import { decidable } from './quorum.ts';

const isDone = ({ done_at }: LadderStep): boolean => done_at !== undefined;

/** Does one step of a request that waits. Where it changes who may decide, what was shown is another version. */
export function doStep(
  request: RequestRecord,
  step: LadderStep,
  at: number,
  world: World,
): [RequestRecord, EventBody[]] {
  const escalate = request.escalate.map((one) => (one === step ? { ...step, done_at: at } : one));
  const done = { ...request, escalate };
  const { notify, reviewers, channels } = step;
  const told = {
    step: escalate.filter(isDone).length,
    ...(notify.length === 0 ? {} : { notify }),
    ...(channels.length === 0 ? {} : { channels }),
  };
  if (kindOf(step) === 'remind') return [done, [eventOf(done, 'request.reminded', timer, at, told)]];
  const [next, alarm] = widened(done, step, at, world);
  return [next, [eventOf(next, 'request.escalated', timer, at, { ...told, reviewers }), ...alarm]];
}

/** More people may decide. Approvals stay: they were given on the same arguments, by people who still may. */
function widened(
  request: RequestRecord,
  step: LadderStep,
  at: number,
  world: World,
): [RequestRecord, EventBody[]] {
  const terms = widen(request.terms, step);
  if (terms === request.terms) return [request, []];
  // Nothing may be granted by those whom only the ladder brought here.
  const { grantable: _gone, ...rest } = request;
  const next = { ...rest, terms, version: request.version + 1 };
  const others = next.warnings.filter((warning) => warning !== 'nobody_may_decide');
  if (decidable(next, world)) return [{ ...next, warnings: others }, []];
  const warned = { ...next, warnings: [...others, 'nobody_may_decide'] };
  const known = others.length < next.warnings.length;
  return [warned, known ? [] : [eventOf(warned, 'request.undecidable', policy, at)]];
}

/** No step that is to come has a time before `at`: it was waited for, not forgotten. */
function notBefore(request: RequestRecord, at: number): RequestRecord {
  const overdue = request.escalate.some((step) => !isDone(step) && dueAt(request, step) < at);
  return overdue ? { ...request, ladder_from: at } : request;
}

/** What `after` is once the ladder goes on again: the steps that came up while it stood still are due at the end of that. */
export function resumed(before: RequestRecord, after: RequestRecord, at: number): RequestRecord {
  const goesOn = after.status === 'pending' && isPaused(before) && !isPaused(after);
  return goesOn ? notBefore(after, at) : after;
}

/**
 * Policy's answer as it is for a request whose ladder has come this far: the steps that it states itself and that are
 * done have widened it too. A policy that no longer states them asks for more than is on record, and that counts.
 */
export function asFarAs(request: RequestRecord, answer: PolicyAnswer): PolicyAnswer {
  const done = request.escalate.filter(isDone);
  if (done.length === 0) return answer;
  const same = answer.escalate.filter((step) => done.some((one) => sameStep(one, step)));
  return { ...answer, terms: same.reduce(widen, answer.terms) };
}

/**
 * The ladder of a request that policy has judged anew. What was done stays done. Of what is to come, a rule that the
 * answer names has the ladder that it states now; the other rules, whose demands stay as well, keep theirs.
 */
export function joined(request: RequestRecord, answer: PolicyAnswer, at: number): RequestRecord {
  const judged = new Set(answer.terms.requirements.map(({ rule }) => rule));
  const kept = request.escalate.flatMap((step): LadderStep[] => {
    if (isDone(step)) return [step];
    const rules = step.rules.filter((rule) => !judged.has(rule));
    return rules.length === 0 ? [] : [{ ...step, rules }];
  });
  return notBefore({ ...request, escalate: inOneLadder<LadderStep>([...kept, ...answer.escalate]) }, at);
}
