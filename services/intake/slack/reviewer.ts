/** Who presses a button in Slack: a person of the workspace, by the id that Slack has signed for. */
import type { Caller } from '../requests/service.ts';
import type { Current } from '../workspace/workspaces.ts';

/** Somebody who may decide, and the Slack in which their account is theirs; absent: that of the oldest app. */
export type Reviewer = { caller: Caller; team: string | undefined };

/**
 * The caller that a Slack user is: a reviewer, and nothing else that their keys let them be. Undefined where nobody, or
 * more than one person, has that id, and where the person has no live key that may decide: whoever took that key away
 * has taken this from them too.
 */
export function reviewerOf(workspace: string, current: Current, user: string): Reviewer | undefined {
  const { people, keysById } = current.snapshot.directory;
  const [person, ...others] = [...people.values()].filter(({ slack_user_id }) => slack_user_id === user);
  if (person === undefined || others.length > 0) return undefined;
  const key = [...keysById.values()].find(({ owner, roles, revoked_at }) => {
    return owner === person.id && revoked_at === undefined && roles.includes('reviewer');
  });
  if (key === undefined) return undefined;
  const { id, owner, created_at } = key;
  const caller: Caller = {
    workspace,
    current,
    key: { id, owner, created_at, hash: '', roles: ['reviewer'], agents: [], trusted_context: false },
  };
  return { caller, team: person.slack_team_id };
}
