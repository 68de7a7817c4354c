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
  const erasures = entries.filter(({ type }) => type === 'payload.erased');
  // One walk through the files, however many requests there are.
  const requests = new Set(erasures.flatMap(({ request_id }) => request_id ?? []));
  if (requests.size > 0) await beside.erase(requests);
  for (const { data } of erasures) {
    const person = typeof data?.person === 'string' ? names.personOf(data.person) : undefined;
    if (person !== undefined) await names.erase(person);
  }
}
