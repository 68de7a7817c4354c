/** What reviewers and agents do to one request, beside deciding it: each is one command through the store. */
import { type Problem, problem } from '@countersign/shared/contracts';
import { audienceOf, type Loaded } from '@countersign/shared/request';
import type { Command } from '../lifecycle/command.ts';
import { newSalt, newUlid } from '../random.ts';
import { type Transacted, transact } from '../store/transact.ts';
import { type Caller, mayRead, maySpeakFor, type Service } from './service.ts';

/** Refuses callers who may not even read the request. */
export function unreadable(caller: Caller, { record }: Loaded): Problem | undefined {
  if (mayRead(caller, record, audienceOf(record))) return undefined;
  return problem('not_your_request', 'This request belongs to another agent or is for other reviewers.');
}

/** Runs a reviewer's or agent's command, if the caller may see the request at all. */
export function act(
  service: Service,
  caller: Caller,
  id: string,
  commandFor: (loaded: Loaded) => Command,
): Promise<Transacted> {
  return transact(service, caller.workspace, id, (loaded) => {
    const refusal = unreadable(caller, loaded);
    return refusal === undefined ? { command: commandFor(loaded) } : { refusal };
  });
}

/**
 * Runs a command that only the request's own agent may give.
 *
 * @param outcomeDetail JSON of what the agent says of the run
 */
export function actAsAgent(
  service: Service,
  caller: Caller,
  id: string,
  commandFor: (agent: string) => Command,
  outcomeDetail?: string,
): Promise<Transacted> {
  return transact(service, caller.workspace, id, ({ record }, { snapshot, now }) => {
    if (!maySpeakFor(caller.key, record.agent)) {
      return {
        refusal: problem(
          'not_your_request',
          'This request was made by an agent that this key may not speak for.',
        ),
      };
    }
    const command = commandFor(record.agent);
    if (outcomeDetail === undefined) return { command };
    // For who reads the request, and with a salt for the log, so that it says nothing once it is erased.
    const text = JSON.stringify({ detail: JSON.parse(outcomeDetail), salt: newSalt() });
    const words = { key: snapshot.keys.questions(id), field: `outcome:${newUlid(now)}`, text };
    return { command, outcomeDetail, words };
  });
}
