/**
 * Audits of calls that ran: which were drawn for whoever looks, and what they found. The draw is kept, since the server
 * draws anew as its log grows, and a sample that can be exchanged is none. Kept until the reviewer disconnects; ids and
 * findings only, no arguments.
 */
import { storage } from 'wxt/utils/storage';
import type { Found } from '../api/suggestions.ts';

export type Drawn = { id: string; entry: number };
/** `found`: by request, whether it was right. */
export type Audit = { begun: number; drawn: Drawn[]; found: Record<string, 'right' | 'wrong'> };
/** By tool. */
export type Audits = Record<string, Audit>;

export const auditsItem = storage.defineItem<Audits>('local:audits', { fallback: {} });

/** Changes them. Two pages may do so at once. */
export function changeAudits(change: (audits: Audits) => Audits): Promise<void> {
  return navigator.locks.request('audits', async () => {
    await auditsItem.setValue(change(await auditsItem.getValue()));
  });
}

/** What all audits found, as the server is told. */
export function foundBy(audits: Audits): Found {
  const all = Object.values(audits).flatMap(({ found }) => Object.entries(found));
  const those = (word: string) => all.filter(([, what]) => what === word).map(([id]) => id);
  return { audited: those('wrong').toSorted(), cleared: those('right').toSorted() };
}
