/**
 * `POST /v1/audit/erase`: what is personal goes, and that it went is on record. What the store holds of it goes in the
 * same commit as the event; what lies beside the log, the ledger erases when it seals that event.
 */
import type { Erasing, Problem } from '@countersign/shared/contracts';
import type { EventBody } from '@countersign/shared/feed';
import { Commit } from '../store/commit.ts';
import { transact, writeEvents } from '../store/transact.ts';
import type { Caller, Service } from './service.ts';

/** Puts an erasure on record that is about nothing the store holds. */
async function tell({ redis }: Service, { key, current }: Caller, about: Partial<EventBody>): Promise<void> {
  const actor = { kind: 'person', id: key.owner } as const;
  const commit = new Commit();
  writeEvents(commit, current.snapshot, [{ type: 'payload.erased', at: current.now, actor, ...about }]);
  await commit.run(redis);
}

/**
 * Erases every text of a request: payloads, questions and answers, reasons, the outcome's detail. One that has left the
 * store may be named as well: what lies beside the log is erased though nobody else knows it any more. Doing it again
 * does no harm.
 */
export async function eraseRequest(
  service: Service,
  caller: Caller,
  request_id: string,
): Promise<Erasing | Problem> {
  const { keys } = caller.current.snapshot;
  let held = 0;
  const erased = await transact(service, caller.workspace, request_id, async ({ record }) => {
    const versions = Array.from({ length: record.payload_version }, (_, at) => at + 1);
    const erases = [
      ...versions.map((version) => keys.payload(request_id, version)),
      keys.questions(request_id),
      keys.outcomeDetail(request_id),
      keys.canaryRight(request_id),
    ];
    // The outcome's detail is among the words.
    const [payloads, words] = await Promise.all([
      service.redis.exists(...versions.map((version) => keys.payload(request_id, version))),
      service.redis.hlen(keys.questions(request_id)),
    ]);
    held = payloads + words;
    return { command: { kind: 'erase', admin: caller.key.owner }, erases };
  });
  if (erased.ok) return { texts: held };
  if (erased.problem.code !== 'not_found') return erased.problem;
  await tell(service, caller, { request_id });
  return { texts: 0 };
}

/** Has the ledger forget who a pseudonym in the log stands for. Whoever is still here gets another one. */
export async function erasePerson(service: Service, caller: Caller, person: string): Promise<Erasing> {
  await tell(service, caller, { data: { person } });
  return { texts: 0 };
}
