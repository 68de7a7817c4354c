/**
 * `POST /v1/audit/erase`: what is personal goes, and that it went is on record. What the store holds of it goes in the
 * same commit as the event; what lies beside the log, the ledger erases when it seals that event.
 */
import { type Erasing, type Problem, problem } from '@countersign/shared/contracts';
import type { EventBody } from '@countersign/shared/feed';
import { isTerminal, loadRequest } from '@countersign/shared/request';
import { Commit } from '../store/commit.ts';
import { writeEvents } from '../store/transact.ts';
import type { Caller, Service } from './service.ts';

/** How often it is tried while others change the request. */
const rounds = 12;

const eventOf = ({ key, current }: Caller): EventBody => ({
  type: 'payload.erased',
  at: current.now,
  actor: { kind: 'person', id: key.owner },
});

/**
 * Erases every text of a request. One that has left the store may be named as well: what lies beside the log is erased
 * whether or not anybody else still knows it. Doing it again does no harm.
 */
export async function eraseRequest(
  { redis }: Service,
  caller: Caller,
  request_id: string,
): Promise<Erasing | Problem> {
  const { snapshot } = caller.current;
  const { keys } = snapshot;
  for (let round = 0; round < rounds; round++) {
    const record = (await loadRequest(redis, keys, request_id))?.record;
    if (record !== undefined && !isTerminal(record.status)) {
      const detail = 'Nobody could judge it without its texts. Decide or cancel it, and erase it then.';
      return problem('still_pending', detail);
    }
    const versions = Array.from({ length: record?.payload_version ?? 1 }, (_, at) => at + 1);
    const texts = [
      ...versions.map((version) => keys.payload(request_id, version)),
      keys.questions(request_id),
      keys.outcomeDetail(request_id),
    ];
    const held = await redis.exists(...texts);
    const commit = new Commit();
    commit.expect(keys.request(request_id), {
      revision: record === undefined ? '' : String(record.revision),
    });
    const about = record === undefined ? {} : { agent: record.agent, tool: record.tool };
    writeEvents(commit, snapshot, [{ ...eventOf(caller), request_id, ...about }]);
    commit.writeAll('DEL', texts);
    commit.write('PUBLISH', keys.wake, request_id);
    if ((await commit.run(redis)).outcome === 'ok') return { texts: held };
  }
  return problem('too_busy', 'Others keep changing this request. Nothing was erased; try again.');
}

/** Has the ledger forget who a pseudonym in the log stands for. Whoever is still here gets another one. */
export async function erasePerson({ redis }: Service, caller: Caller, person: string): Promise<Erasing> {
  const commit = new Commit();
  writeEvents(commit, caller.current.snapshot, [{ ...eventOf(caller), data: { person } }]);
  await commit.run(redis);
  return { texts: 0 };
}
