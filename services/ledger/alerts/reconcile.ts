/** From what was found, and which alerts there are, to what is raised and what is cleared. Pure. */
import type { Alert } from '@countersign/shared/contracts';
import type { Alerts } from '@countersign/shared/policy';
import { type Finding, keyOf } from './finding.ts';

/** The last alert about each thing, by `keyOf`: standing, or cleared. */
export type Known = ReadonlyMap<string, Alert>;

export type Changes = {
  raise: (Finding & { key: string; urgency: Alert['urgency'] })[];
  clear: { key: string; alert: Alert; because: NonNullable<Alert['cleared_because']> }[];
};

/**
 * Once an episode: what stands is not raised again, and the same drift alarm or the same hold not either once its alert
 * was cleared. What policy has switched off is cleared; a thing of which nothing was found is over.
 */
export function reconcile(findings: readonly Finding[], known: Known, alerts: Alerts): Changes {
  const found = new Map(findings.map((finding) => [keyOf(finding), finding]));
  const raise: Changes['raise'] = [];
  for (const [key, finding] of found) {
    const told = alerts[finding.kind];
    const before = known.get(key);
    if (told === null || finding.state !== 'on' || finding.told || before?.status === 'raised') continue;
    const { since } = finding.figures;
    if (since !== undefined && before?.figures.since === since) continue;
    raise.push({ ...finding, key, urgency: told.urgency });
  }
  const clear: Changes['clear'] = [];
  for (const [key, alert] of known) {
    if (alert.status !== 'raised') continue;
    if (alerts[alert.kind] === null) clear.push({ key, alert, because: 'switched_off' });
    else if ((found.get(key)?.state ?? 'off') === 'off') clear.push({ key, alert, because: 'over' });
  }
  return { raise, clear };
}
