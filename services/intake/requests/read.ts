/** `GET /v1/requests/{id}`, at once or when it has been decided. */
import type { Problem, RequestView } from '@countersign/shared/contracts';
import { problem } from '@countersign/shared/contracts';
import { type Loaded, loadRequest } from '@countersign/shared/request';
import { applyDue } from '../lifecycle/due.ts';
import { readUntil } from '../live/wait.ts';
import { transact } from '../store/transact.ts';
import { type Current, worldOf } from '../workspace/workspaces.ts';
import { unreadable } from './act.ts';
import type { Caller, Service } from './service.ts';
import { viewFor } from './view.ts';

type Reading = { loaded: Loaded; current: Current } | { problem: Problem };

/** Reads a request in the state that it has now: what is due is applied, and committed, before anyone sees it. */
export async function readRequest(service: Service, caller: Caller, id: string): Promise<Reading> {
  const current = await service.workspaces.current(caller.workspace);
  if (current === undefined) return { problem: problem('not_found', 'The workspace has gone.') };
  // Whoever waits may wait for a minute; a key that was revoked meanwhile gets no token.
  if (!current.snapshot.directory.keysByHash.has(caller.key.hash)) {
    return { problem: problem('unauthorized', 'This key was revoked while it waited. Use another one.') };
  }
  const loaded = await loadRequest(service.redis, current.snapshot.keys, id);
  if (loaded === undefined) return { problem: problem('not_found', `There is no request ${id} here.`) };
  const refusal = unreadable({ ...caller, current }, loaded);
  if (refusal !== undefined) return { problem: refusal };
  if (applyDue(loaded.record, worldOf(current))[0] === loaded.record) return { loaded, current };
  const woken = await transact(service, caller.workspace, id, () => ({ command: { kind: 'wake' } }));
  return woken.ok ? { loaded: woken.loaded, current: woken.current } : { problem: woken.problem };
}

/** Reads a request for a caller; with `waitMs`, answers as soon as it is terminal or the time is over. */
export async function getRequest(
  service: Service,
  caller: Caller,
  id: string,
  options: { waitMs: number; signal: AbortSignal },
): Promise<RequestView | Problem> {
  const read = () => readRequest(service, caller, id);
  const reading =
    options.waitMs > 0
      ? await readUntil(service.hub, { workspace: caller.workspace, id }, options, read, settled)
      : await read();
  if ('problem' in reading) return reading.problem;
  return viewFor(service, caller, reading.loaded, reading.current);
}

function settled(reading: Reading): boolean {
  return 'problem' in reading || reading.loaded.record.status !== 'pending';
}
