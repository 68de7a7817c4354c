/**
 * The ledger's part of an erasure. It is done after the entry that asks for it is sealed and before its event is
 * acknowledged, so that after a crash it is done again; and it follows from the entry alone, so that doing it again does
 * no harm.
 */
import type { BesideStore } from './beside.ts';
import type { Entry } from './entry.ts';
import type { Names } from './names.ts';

/** Erases what sealed entries say was erased: the texts of a request, the name behind a pseudonym. */
export async function eraseAsSealed(
  entries: readonly Entry[],
  { beside, names }: { beside: BesideStore; names: Names },
): Promise<void> {
  for (const { type, request_id, data } of entries) {
    if (type !== 'payload.erased') continue;
    if (request_id !== undefined) await beside.erase(request_id);
    const person = typeof data?.person === 'string' ? names.personOf(data.person) : undefined;
    if (person !== undefined) await names.erase(person);
  }
}
