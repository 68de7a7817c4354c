/** `npm run bench:extension`: opening the popup on a full queue, and its memory over a long day, as one table. */
import { table } from '../figures.ts';
import { measureHeap } from './heap.ts';
import { measureOpening } from './opening.ts';
import { openExtensionSetting } from './setting.ts';

const size = { pending: 10_000, openings: 20, decisions: 1_000 };
const { browser, ours, empty, stop } = await openExtensionSetting(size.pending);
try {
  console.error(
    'Measuring. A thousand decisions at half a second each and their way there take some fifteen minutes.',
  );
  const opening = await measureOpening(browser.context, ours, empty, size.openings);
  console.error(table([opening]));
  const heap = await measureHeap(browser.context, ours.url, size.decisions);
  console.log(table([opening, heap]));
} finally {
  await stop();
}
