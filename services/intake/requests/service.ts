/** What every use case works with, and who is calling. */
import type { ApiKeyRecord } from '@countersign/shared/directory';
import { matchesGlob } from '@countersign/shared/policy';
import type { RequestRecord } from '@countersign/shared/request';
import type { WakeHub } from '../live/wake.ts';
import type { StoreContext } from '../store/transact.ts';
import type { Current } from '../workspace/workspaces.ts';

export type Service = StoreContext & {
  hub: WakeHub;
  /** Called when a freeze was set, so that pending requests stop without anyone looking. Never awaited. */
  onFreeze: (workspace: string) => void;
  /** `iss` of tokens. */
  issuer: string;
};

/** An authenticated caller, and the workspace as it was when the key was checked. */
export type Caller = { workspace: string; key: ApiKeyRecord; current: Current };

/** Whether this key may speak for that agent (law 14). */
export function maySpeakFor(key: ApiKeyRecord, agent: string): boolean {
  return key.roles.includes('agent') && key.agents.some((pattern) => matchesGlob(pattern, agent));
}

/** The audiences whose queues a person reads: everyone's, each of their groups', and their own. */
export function audiencesOf(caller: Caller): string[] {
  const groups = caller.current.snapshot.groupsOf(caller.key.owner);
  return groups === undefined ? [] : [...new Set(['any', caller.key.owner, ...groups])];
}

/** Whether a caller may read a request: its agent, those who may decide it or did, those who were told of it, and those who oversee. */
export function mayRead(caller: Caller, record: RequestRecord, audience: string[]): boolean {
  const { key } = caller;
  if (maySpeakFor(key, record.agent)) return true;
  if (key.roles.some((role) => role === 'lead' || role === 'admin' || role === 'auditor')) return true;
  if (!key.roles.includes('reviewer')) return false;
  if (record.verdicts.some((verdict) => verdict.reviewer === key.owner)) return true;
  // Whom the ladder told may look; that gives them no say.
  const told = record.escalate.flatMap(({ done_at, notify }) => (done_at === undefined ? [] : notify));
  return audiencesOf(caller).some((name) => audience.includes(name) || told.includes(name));
}
