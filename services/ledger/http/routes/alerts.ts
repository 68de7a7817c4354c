/** Alerts that stand, and those that have been cleared. */
import { alertView } from '@countersign/shared/alert';
import type { Alert } from '@countersign/shared/contracts';
import { ledgerCalls } from '@countersign/shared/http';
import { readAlerts } from '../../alerts/record.ts';
import type { LedgerRoutes } from '../app.ts';

/** Every alert there was, by its event in the sealed log. */
const inTheLog = '/v1/audit/history?of=entries&type=alert.raised';

const newest = (alerts: Alert[], at: (alert: Alert) => string) =>
  alerts.toSorted((one, other) => (at(one) < at(other) ? 1 : -1)).map(alertView);

/** Mounts it. */
export function alertRoutes(routes: LedgerRoutes): void {
  routes.add(ledgerCalls.alerts, async ({ caller, redis, onRecord, c }) => {
    const all = [...(await readAlerts(redis, caller.workspace)).values()];
    await onRecord.searched(caller, 'insights.read', { of: 'alerts' });
    c.header('Cache-Control', 'no-store');
    return c.json({
      open: newest(
        all.filter(({ status }) => status === 'raised'),
        ({ raised_at }) => raised_at,
      ),
      recent: newest(
        all.filter(({ status }) => status === 'cleared'),
        ({ cleared_at = '' }) => cleared_at,
      ),
      log: inTheLog,
    });
  });
}
