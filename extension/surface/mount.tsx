import { render } from 'preact';
import '../look/tokens.css';
import '../look/frame.css';
import '../look/buttons.css';
import '../look/notices.css';
import '../look/dialog.css';
import '../look/pages.css';
import '../look/card.css';
import '../look/tier.css';
import '../look/payload.css';
import '../look/marks.css';
import '../look/kinds.css';
import '../look/forms.css';
import '../look/attend.css';
import '../look/queue.css';
import '../look/batch.css';
import '../look/batch-rows.css';
import '../look/history.css';
import '../look/settings.css';
import '../look/palette.css';
import '../look/flood.css';
import '../look/grants.css';
import '../look/reviews.css';
import '../look/drill.css';
import '../look/insights.css';
import '../look/suggestions.css';
import '../look/figures.css';
import '../look/charts.css';
import { connectionItem, laterItem, linkItem, snapshotItem } from '../keep/items.ts';
import { readAhead } from '../keep/use-stored.ts';
import { App } from './App.tsx';
import { go, readPlace } from './route.ts';
import type { Surface } from './surface.ts';
import { holdKeysIfUnasked } from './unasked.ts';
import { startPlace } from './use-start-place.ts';

/**
 * Puts the application on a page of the extension. What it needs is read first and where it starts is settled, all at
 * once, so that the first thing drawn is the card and not a way to it.
 */
export async function mount(surface: Surface): Promise<void> {
  document.documentElement.dataset.surface = surface;
  if (surface === 'popup') holdKeysIfUnasked();
  const [connection, snapshot] = await Promise.all([
    readAhead(connectionItem),
    readAhead(snapshotItem),
    readAhead(linkItem),
    readAhead(laterItem),
  ]);
  const settled = readPlace(location.hash).kind !== 'start';
  if (connection !== null && snapshot !== null && !settled && surface !== 'page') {
    go(await startPlace(surface, snapshot), 'replace');
  }
  const root = document.getElementById('app');
  if (root) render(<App surface={surface} />, root);
}
