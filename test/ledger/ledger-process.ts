/** A ledger as a process of its own, in a hurry: `node ledger-process.ts <redis url> <folder>`. */
import { pino } from 'pino';
import { startLedger } from '../../services/ledger/start.ts';

await startLedger({
  redisUrl: process.argv[2] ?? '',
  dir: process.argv[3] ?? '',
  logger: pino({ level: 'error' }, pino.destination(2)),
  sealAfterMs: 5,
  readForMs: 5,
});
