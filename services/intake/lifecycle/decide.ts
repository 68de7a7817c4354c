/**
 * The lifecycle in one function: `decide(request, command, world)` is pure, without clock or I/O. What is due
 * happens first, in time order; then the command, on the state that results; then what the command made due: a ladder
 * that goes on again. The store commits the outcome.
 */
import { isPlanted, type RequestRecord } from '@countersign/shared/request';
import { claim, view } from './attend.ts';
import { asCanary, revealed } from './canary.ts';
import type { Command, Decision, World } from './command.ts';
import { applyDue } from './due.ts';
import { erase } from './erase.ts';
import { resumed } from './ladder.ts';
import { answer, ask } from './question.ts';
import { review } from './review.ts';
import { consume, issue, outcome } from './run.ts';
import { decideVerdict } from './verdict.ts';
import { cancel, revoke, supersede, undo } from './withdraw.ts';

function apply(request: RequestRecord, command: Command, world: World): Decision {
  switch (command.kind) {
    case 'decide':
      return decideVerdict(request, command, world);
    case 'undo':
      return undo(request, command, world);
    case 'revoke':
      return revoke(request, command, world);
    case 'cancel':
      return cancel(request, command, world);
    case 'supersede':
      return supersede(request, command, world);
    case 'review':
      return review(request, command, world);
    case 'view':
      return view(request, command, world);
    case 'claim':
      return claim(request, command, world);
    case 'ask':
      return ask(request, command, world);
    case 'answer':
      return answer(request, command, world);
    case 'issue':
      return issue(request, command, world);
    case 'consume':
      return consume(request, command, world);
    case 'outcome':
      return outcome(request, command, world);
    case 'erase':
      return erase(request, command, world);
    case 'wake':
      return { request, events: [] };
  }
}

/** Decides. A changed request comes back with its revision raised by one; an unchanged one is the same object. */
export function decide(before: RequestRecord, command: Command, world: World): Decision {
  const [request, due] = applyDue(before, world);
  const ordinary = apply(request, command, world);
  const decision = isPlanted(request) ? asCanary(request, command, ordinary, world) : ordinary;
  const [after, then] = applyDue(resumed(request, decision.request, world.now), world);
  const events = revealed(before, after, [...due, ...decision.events, ...then]);
  if (after === before) return { ...decision, events };
  const revision = before.revision + 1;
  return {
    ...decision,
    request: { ...after, revision },
    events: events.map((event) => ({ ...event, revision })),
  };
}
