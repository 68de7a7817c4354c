/** Reading the log: entries with the names and texts that are still there. */
import type { AuditEntry } from '@countersign/shared/contracts';
import { ledgerCalls } from '@countersign/shared/http';
import { readEntry } from '../../reading/sealed-log.ts';
import type { Entry } from '../../sealing/entry.ts';
import type { LedgerRoutes } from '../app.ts';
import { sealedLogOf } from '../sealed-log-of.ts';

const pseudonyms = /"(p_[\w-]{22})"/g;

/** Whom the pseudonyms of an entry stand for, as far as that is known. */
function namesIn(entry: Entry, personOf: (pseudonym: string) => string | undefined): AuditEntry['names'] {
  const names: AuditEntry['names'] = {};
  for (const [, pseudonym = ''] of JSON.stringify([entry.actor, entry.data ?? {}]).matchAll(pseudonyms)) {
    const person = personOf(pseudonym);
    if (person !== undefined) names[pseudonym] = person;
  }
  return names;
}

/** Mounts it. */
export function entryRoutes(routes: LedgerRoutes): void {
  routes.add(ledgerCalls.entries, async ({ caller, query, logOf, onRecord, c }) => {
    const log = await sealedLogOf(logOf, caller, c);
    if ('code' in log) return log;
    const { origin, size } = log;
    const end = Math.min(query.to ?? size, size);
    const to = Math.min(query.from + query.limit, end);
    const [bytes, texts, personOf] = await Promise.all([
      log.bytes(query.from, to),
      log.texts(query.from, to),
      log.names(),
    ]);
    const items: AuditEntry[] = bytes.map(readEntry).map(({ entry }, at) => ({
      index: query.from + at,
      entry: { ...entry },
      names: namesIn(entry, personOf),
      texts: (texts.get(query.from + at) ?? []).map(({ commitment, text }) => ({ commitment, text })),
    }));
    await onRecord.read(caller, query.from, Math.max(query.from, to));
    c.header('Cache-Control', 'no-store');
    return c.json({ origin, size, items, ...(to < end ? { next: to } : {}) });
  });
}
