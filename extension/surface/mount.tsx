import { render } from 'preact';
import '../look/tokens.css';
import '../look/frame.css';
import '../look/card.css';
import '../look/kinds.css';
import '../look/forms.css';
import '../look/attend.css';
import '../look/queue.css';
import '../look/batch.css';
import '../look/history.css';
import '../look/settings.css';
import '../look/palette.css';
import '../look/flood.css';
import '../look/grants.css';
import { App } from './App.tsx';
import type { Surface } from './surface.ts';
import { holdKeysIfUnasked } from './unasked.ts';

/** Puts the application on a page of the extension. */
export function mount(surface: Surface): void {
  document.documentElement.dataset.surface = surface;
  if (surface === 'popup') holdKeysIfUnasked();
  const root = document.getElementById('app');
  if (root) render(<App surface={surface} />, root);
}
