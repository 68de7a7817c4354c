/** Whom or what a call reaches: what must not be new in a batch. */
import { type Cell, wordsOf } from './cells.ts';

/** Keys whose value is a destination, whatever it looks like. */
const called =
  /(^|_)(to|cc|bcc|recipients?|e_?mails?|phone|mobile|iban|account|account_number|payee|beneficiary|address|url|uri|link|webhook|domain|host|channel)$/;
const email = /[^\s<>"',;:()[\]\\/]+@[^\s<>"',;:()[\]\\/]+/g;
const site = /\bhttps?:\/\/(?:[^\s/@]*@)?([^\s/:?#]+)/gi;

/** Destinations of a call with the places they stand at: e-mail addresses and hosts anywhere, and named values. */
export function destinationsOf(cells: readonly Cell[]): { path: string; to: string }[] {
  return cells.flatMap(({ path, name, value }) => {
    const named = called.test(wordsOf(name));
    const values = Array.isArray(value) ? value : [value];
    return values.flatMap((item) => {
      const found = typeof item === 'string' ? withinText(item) : [];
      if (named && (typeof item === 'number' || (typeof item === 'string' && item.trim() !== '')))
        found.push(normal(String(item)));
      return [...new Set(found)].map((to) => ({ path, to }));
    });
  });
}

function withinText(text: string): string[] {
  const addresses = [...text.matchAll(email)].map(([address]) => normal(address));
  const hosts = [...text.matchAll(site)].map(([, host = '']) => normal(host));
  return [...addresses, ...hosts];
}

const normal = (text: string): string => text.normalize('NFC').trim().toLowerCase();
