import { browser } from 'wxt/browser';
import { BatchLink } from '../batch/BatchLink.tsx';
import type { Connection, Link, Snapshot } from '../keep/items.ts';
import { say, sayCount } from '../words/say.ts';
import { LinkState } from './LinkState.tsx';
import { Navigation } from './Navigation.tsx';
import { openCard } from './open.ts';
import { hashOf, type Place } from './route.ts';
import type { Surface } from './surface.ts';

type Props = {
  connection: Connection;
  surface: Surface;
  place: Place;
  snapshot: Snapshot | null;
  link: Link | null;
};

/** The top line: how much waits, how fresh that is, and the way to the other surfaces. */
export function Header({ connection, surface, place, snapshot, link }: Props) {
  const request = place.kind === 'request' ? place.id : undefined;
  return (
    <header>
      <b>Countersign</b>
      {snapshot && (
        <a
          class="pill"
          href={hashOf({ kind: 'queue' })}
          aria-current={place.kind === 'queue' ? 'page' : undefined}
        >
          {isFresh(link) ? sayCount(snapshot.total, 'waiting_one', 'waiting_many') : say('waiting_unknown')}
        </a>
      )}
      {surface === 'page' && <Navigation place={place} />}
      {snapshot && <BatchLink connection={connection} snapshot={snapshot} here={place.kind === 'batches'} />}
      <LinkState link={link} snapshot={snapshot} />
      {surface === 'popup' && canOpenPanel() && (
        <button
          type="button"
          class="icon"
          title={say('open_panel')}
          aria-label={say('open_panel')}
          onClick={openPanel}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <rect x="1.5" y="2.5" width="13" height="11" rx="2" />
            <path d="M10 2.5v11" />
          </svg>
        </button>
      )}
      {surface !== 'page' && (
        <button
          type="button"
          class="icon"
          title={say('open_page')}
          aria-label={say('open_page')}
          onClick={() => void openCard(request)}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M9 2.5h4.5V7M13.5 2.5 7.5 8.5M6.5 3.5h-3a1 1 0 0 0-1 1v8a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1v-3" />
          </svg>
        </button>
      )}
    </header>
  );
}

/** Offline is not zero, nor is it the number of some time ago. */
function isFresh(link: Link | null): boolean {
  return link === null || link.state === 'live' || link.state === 'polling';
}

function canOpenPanel(): boolean {
  return 'sidePanel' in browser;
}

/** `sidePanel.open` has to be called within the click, so the window is the one that Chrome takes as current. */
function openPanel(): void {
  void browser.sidePanel.open({ windowId: browser.windows.WINDOW_ID_CURRENT }).then(() => close());
}
