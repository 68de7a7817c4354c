/** The people of a workspace. A member id of Slack belongs to one of them at most: whoever presses there decides as that person. */
import type { Person, Problem } from '@countersign/shared/contracts';
import { problem } from '@countersign/shared/contracts';
import type { Caller, Service } from '../requests/service.ts';
import type { Current } from '../workspace/workspaces.ts';
import { changeHash } from './change.ts';

/** How often a person is looked at anew before it is `too_busy`. Each round means that another change got through. */
const rounds = 100;

const actorOf = ({ key }: Caller) => ({ kind: 'person', id: key.owner }) as const;

/**
 * Adds a person, or replaces what is known of them. `slack_user_taken` where somebody else has their member id of
 * Slack: compared with the directory in the same commit, so that of two who come at once one is refused.
 */
export async function putPerson(
  { redis, workspaces }: Service,
  caller: Caller,
  person: Person,
): Promise<Problem | undefined> {
  let current: Current | undefined = caller.current;
  for (let round = 0; round < rounds && current !== undefined; round++) {
    const { keys, directory, versions } = current.snapshot;
    const taken = slackUserTaken(person, directory.people.values());
    if (taken !== undefined) return taken;
    const written = await changeHash(redis, caller.workspace, {
      hash: keys.people,
      fields: { [person.id]: person },
      counter: 'directory',
      // Without an id of Slack there is nothing that others could take meanwhile.
      ...(person.slack_user_id === undefined ? {} : { expect: { directory: versions.directory } }),
      event: {
        type: 'person.changed',
        actor: actorOf(caller),
        at: current.now,
        data: { person: person.id, groups: person.groups },
      },
    });
    if (written) return undefined;
    current = await workspaces.current(caller.workspace);
  }
  return problem('too_busy', 'The directory keeps changing. Nothing was written; send it again.');
}

/** Removes a person; their keys stay. */
export async function removePerson(
  { redis }: Service,
  caller: Caller,
  id: string,
): Promise<Problem | undefined> {
  const { snapshot, now } = caller.current;
  if (!snapshot.directory.people.has(id)) return problem('not_found', `There is no person ${id} here.`);
  await changeHash(redis, caller.workspace, {
    hash: snapshot.keys.people,
    fields: { [id]: undefined },
    counter: 'directory',
    event: {
      type: 'person.changed',
      actor: actorOf(caller),
      at: now,
      data: { person: id, removed: true },
    },
  });
  return undefined;
}

function slackUserTaken({ id, slack_user_id }: Person, people: Iterable<Person>): Problem | undefined {
  if (slack_user_id === undefined) return undefined;
  const other = [...people].find((person) => person.id !== id && person.slack_user_id === slack_user_id);
  if (other === undefined) return undefined;
  return problem(
    'slack_user_taken',
    `slack_user_id: ${slack_user_id} is ${other.id} already, and decides as them. Send ${other.id} without it first, or correct it.`,
  );
}
