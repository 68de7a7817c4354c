/**
 * How a planted request ends (law 10). Until somebody answers it, every command is decided as for any other request;
 * the first verdict that counts ends it, and that end is never an approval. Pure.
 */
import { canonicalize } from '@countersign/shared/canonical';
import { valueAt } from '@countersign/shared/card';
import type { PlantedRequest, RequestRecord } from '@countersign/shared/request';
import type { Command, Decision, World } from './command.ts';
import { ended } from './due.ts';
import { eventOf, person, policy } from './event.ts';

type Decide = Extract<Command, { kind: 'decide' }>;

/** It was rejected, or the value that was wrong is another one in the edit. */
function isCaught({ planted: { path } }: PlantedRequest, { verdict, args, edit }: Decide): boolean {
  if (verdict === 'reject') return true;
  if (edit === undefined) return false;
  const [shown, edited] = [valueAt(args, path), valueAt(edit.args, path)];
  return edited === undefined || shown === undefined || canonicalize(shown) !== canonicalize(edited);
}

const digestOf = ({ given, seen }: Decide): string => given ?? seen.args_digest;

/** One's own verdict again, whose answer was lost. */
function isRepeat({ planted: { answer } }: PlantedRequest, command: Decide): boolean {
  return (
    answer?.by === command.reviewer &&
    answer.verdict === command.verdict &&
    answer.args_digest === digestOf(command)
  );
}

/**
 * What a command comes to on a planted request, from what it would come to on any other: the same, refusals included,
 * but for a verdict. That ends it as `cancelled`, whatever quorum, hold, edit or grant would have made of it, so that
 * nothing of an approval is ever on record, and nobody but who gave it is told more.
 */
export function asCanary(
  request: PlantedRequest,
  command: Command,
  ordinary: Decision,
  world: World,
): Decision {
  if (command.kind !== 'decide') return ordinary;
  if (isRepeat(request, command)) return { request, events: [] };
  const given = ordinary.events.find(({ type }) => type === 'verdict.given');
  if (ordinary.refusal !== undefined || given === undefined) return ordinary;
  const at = world.now;
  const { reviewer: by, verdict } = command;
  const caught = isCaught(request, command);
  const { kind, difficulty } = request.planted;
  const answer = { by, at, verdict, args_digest: digestOf(command), caught };
  const answered: RequestRecord = { ...request, planted: { ...request.planted, answer } };
  const next = ended(answered, { status: 'cancelled', stop_reason: 'approval_cancelled' }, at);
  const canary = bitOf(next);
  return {
    request: next,
    events: [
      eventOf(next, 'verdict.given', person(by), at, { ...given.data, ...canary }),
      eventOf(next, 'request.cancelled', policy, at, { result: { caught, difficulty, kind } }),
    ],
    ...(ordinary.not_after === undefined ? {} : { not_after: ordinary.not_after }),
  };
}

/** The bit that its commitment hid, for an event's data. Nothing on records that were made without one. */
function bitOf({ planted, canary_salt: salt }: RequestRecord): {
  canary?: { planted: boolean; salt: string };
} {
  return salt === undefined ? {} : { canary: { planted: planted !== undefined, salt } };
}

/**
 * The events with the bit revealed in the one that ended the request, if one did. Only what somebody was asked about was
 * committed to: what ran before anyone looked (`review_after`) is never planted.
 */
export function revealed<E extends Decision['events'][number]>(
  before: RequestRecord,
  after: RequestRecord,
  events: E[],
): E[] {
  if (before.status !== 'pending' || after.status === 'pending') return events;
  const end = events.find(({ type, status }) => type.startsWith('request.') && status === after.status);
  return events.map((event) =>
    event === end ? { ...event, data: { ...event.data, ...bitOf(after) } } : event,
  );
}
