/** Who looked, and who is on it. */
import { problem } from '@countersign/shared/contracts';
import type { RequestRecord } from '@countersign/shared/request';
import type { Command, Decision, World } from './command.ts';
import { eventOf, person } from './event.ts';
import { deciders } from './quorum.ts';
import { alreadyDecided } from './verdict.ts';

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

/** How long a claim lasts unless it is renewed. */
const claimLasts = 5 * 60_000;

/** The first time a reviewer opens a request. */
export function view(request: RequestRecord, command: Of<'view'>, world: World): Decision {
  if (request.viewed_by.includes(command.reviewer)) return { request, events: [] };
  const next = { ...request, viewed_by: [...request.viewed_by, command.reviewer] };
  const data = command.seen === undefined ? {} : { seen: command.seen };
  return {
    request: next,
    events: [eventOf(next, 'request.viewed', person(command.reviewer), world.now, data)],
  };
}

/** "I'm on it": lapses after five minutes, can be renewed or released by its holder. */
export function claim(request: RequestRecord, command: Of<'claim'>, world: World): Decision {
  if (request.status !== 'pending') return { request, events: [], refusal: alreadyDecided(request) };
  if (deciders(request, [command.reviewer], world).length === 0) {
    return {
      request,
      events: [],
      refusal: problem('not_your_request', 'Only those who may decide it may claim it.'),
    };
  }
  const holder = request.claim?.by;
  if (command.release) {
    if (holder !== command.reviewer) return { request, events: [] };
    const { claim: _mine, ...next } = request;
    return {
      request: next,
      events: [eventOf(next, 'request.unclaimed', person(command.reviewer), world.now)],
    };
  }
  if (holder !== undefined && holder !== command.reviewer) {
    const until = new Date(request.claim?.until ?? 0).toISOString();
    const detail = `${holder} is on it until ${until}. You may still decide it.`;
    return { request, events: [], refusal: problem('already_claimed', detail, { by: holder, until }) };
  }
  const next = { ...request, claim: { by: command.reviewer, until: world.now + claimLasts } };
  return { request: next, events: [eventOf(next, 'request.claimed', person(command.reviewer), world.now)] };
}
