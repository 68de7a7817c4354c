/** An alert as it is shown. */
import type { Alert, AlertView } from '../contracts/index.ts';
import { type AlertPart, alertWords } from './words.ts';

/** The page of figures with the cell that an alert is about, from the `#` on. */
export function alertPage({ about: { tool, rules, tier, team } }: Pick<Alert, 'about'>): string {
  const [rule] = rules ?? [];
  const cell = { team, tool, rule, tier };
  const given = Object.entries(cell).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const query = new URLSearchParams(given).toString();
  return query === '' ? '#/insights' : `#/insights?${query}`;
}

const plainly = (parts: readonly AlertPart[]): string =>
  parts.map((part) => (typeof part === 'string' ? part : part.value)).join('');

/** With its words. */
export function alertView(alert: Alert): AlertView {
  const { title, found, advice } = alertWords(alert);
  return { ...alert, title: plainly(title), found, advice, page: alertPage(alert) };
}
