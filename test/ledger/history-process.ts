/** Brings up the history of the folder that it is given, and says so when it begins. For tests that kill it. */
import { openHistory } from '../../services/ledger/history/history.ts';
import { takeTurns } from '../../services/ledger/history/turns.ts';

const [, , folder = ''] = process.argv;
const history = openHistory({ folder, limits: { memory: 128, threads: 2 }, turns: takeTurns(2) });
await history.progress();
process.stdout.write('begins\n');
await history.bringUp();
await history.close();
