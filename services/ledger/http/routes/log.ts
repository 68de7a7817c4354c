/** The log as C2SP tlog-tiles serves one: checkpoint, tiles, bundles of entries; and the key that it verifies with. */
import { problem } from '@countersign/shared/contracts';
import { ledgerCalls } from '@countersign/shared/http';
import { parseTilePath, TILE_WIDTH } from '@countersign/shared/tlog';
import type { LedgerRoutes } from '../app.ts';
import { sealedLogOf } from '../sealed-log-of.ts';

/** What never changes again. Not for caches that serve others: it is for those who have a key. */
const immutable = 'private, max-age=31536000, immutable';

/** Mounts it. */
export function logRoutes(routes: LedgerRoutes): void {
  routes.add(ledgerCalls.checkpoint, async ({ caller, logOf, c }) => {
    const log = await sealedLogOf(logOf, caller, c);
    if ('code' in log) return log;
    c.header('Cache-Control', 'no-cache');
    return c.text(log.checkpoint);
  });

  routes.add(ledgerCalls.verifierKey, async ({ caller, logOf, c }) => {
    const log = await sealedLogOf(logOf, caller, c);
    return 'code' in log ? log : c.text(log.verifierKey);
  });

  routes.add(ledgerCalls.tile, async ({ caller, logOf, onRecord, c }) => {
    const name = `tile/${c.req.param('path')}`;
    const path = parseTilePath(name);
    if (!path.ok) return problem('not_found', path.message);
    const log = await sealedLogOf(logOf, caller, c);
    if ('code' in log) return log;
    const bytes = await log.tile(path.value, name);
    if (bytes === undefined)
      return problem('not_found', 'This log has no such tile, or a wider one by now: see its checkpoint.');
    if (path.value.kind === 'entries') await onRecord.exported(caller, log.size);
    c.header('Cache-Control', path.value.width === TILE_WIDTH ? immutable : 'no-cache');
    return c.body(new Uint8Array(bytes), 200, { 'Content-Type': 'application/octet-stream' });
  });
}
