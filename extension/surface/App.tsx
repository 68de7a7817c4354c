import { useEffect, useState } from 'preact/hooks';
import { Account } from '../connect/Account.tsx';
import { HeldBar } from '../decide/HeldBar.tsx';
import { RequestPage } from '../decide/RequestPage.tsx';
import {
  type Connection,
  connectionItem,
  laterItem,
  linkItem,
  type Row,
  snapshotItem,
} from '../keep/items.ts';
import { useStored } from '../keep/use-stored.ts';
import { putOff } from '../queue/later.ts';
import { nextToLookAt } from '../queue/next.ts';
import { QueueList } from '../queue/QueueList.tsx';
import { noteRecent } from '../queue/recent.ts';
import { say } from '../words/say.ts';
import { askWorker } from '../worker/ask.ts';
import { Header } from './Header.tsx';
import { useKeys } from './keys.ts';
import { lazily } from './lazily.tsx';
import { Navigation } from './Navigation.tsx';
import { isOtherPlace, OtherPage } from './OtherPage.tsx';
import { go, usePlace } from './route.ts';
import { StateNotice } from './StateNotice.tsx';
import type { Surface } from './surface.ts';
import { useStartPlace } from './use-start-place.ts';

// A popup opens on a card: what it may never need comes when it is needed.
const ConnectPage = lazily(() => import('../connect/ConnectPage.tsx').then((part) => part.ConnectPage));
const FloodNotice = lazily(() => import('../flood/FloodNotice.tsx').then((part) => part.FloodNotice));
const Help = lazily(() => import('./Help.tsx').then((part) => part.Help));
const Palette = lazily(() => import('../palette/PaletteHost.tsx').then((part) => part.PaletteHost));

/** How often an open surface makes sure that the worker is awake; the browser would put it to sleep after 30 s. */
const wakePeriod = 20_000;

/** Everything on a surface. The address says where the reviewer is, so a link survives signing in. */
export function App({ surface }: { surface: Surface }) {
  const connection = useStored(connectionItem);
  if (connection === undefined) return null;
  if (connection === null) return <ConnectPage />;
  return <Reviewer key={connection.key_id} surface={surface} connection={connection} />;
}

function Reviewer({ surface, connection }: { surface: Surface; connection: Connection }) {
  const snapshot = useStored(snapshotItem);
  const link = useStored(linkItem);
  const place = usePlace();
  const later = useStored(laterItem) ?? {};
  const [help, setHelp] = useState(false);
  const [palette, setPalette] = useState(false);
  const [undone, setUndone] = useState(0);
  const rows = snapshot?.rows ?? [];

  useEffect(() => {
    const wake = () => {
      if (document.visibilityState === 'visible') void askWorker({ kind: 'wake' });
    };
    wake();
    const timer = setInterval(wake, wakePeriod);
    return () => clearInterval(timer);
  }, []);
  useStartPlace(surface, place, snapshot);

  const current = place.kind === 'request' ? place.id : undefined;
  const next = neighbour(rows, current, 1);
  const previous = neighbour(rows, current, -1);
  const elsewhere = isOtherPlace(place);
  // A popup is on its way to a card: drawing fifty lines first would cost more than the card.
  const onTheWay =
    surface !== 'page' && place.kind === 'start' && snapshot !== undefined && snapshot !== null;
  const open = rows.find((row) => row.id === current);
  useEffect(() => {
    if (open) void noteRecent(open);
  }, [open?.id]);
  const skip = () => {
    const on = nextToLookAt(rows, current, later, Date.now())?.id;
    if (open) void putOff([open.id]);
    if (on === undefined) go({ kind: 'queue' });
    else visit(on);
  };
  const frame = {
    next: elsewhere || next === undefined ? undefined : () => visit(next),
    previous: elsewhere || previous === undefined ? undefined : () => visit(previous),
    skip: current === undefined ? undefined : skip,
    help: () => setHelp(true),
  };
  useKeys({
    // A page with a list of its own moves in that.
    ...(elsewhere ? {} : { j: () => frame.next?.(), k: () => frame.previous?.() }),
    s: (repeat) => {
      if (!repeat) frame.skip?.();
    },
    '?': (repeat) => {
      if (!repeat) frame.help();
    },
    'Ctrl+k': (repeat) => {
      if (!repeat) setPalette(true);
    },
  });

  const bar = <HeldBar connection={connection} onUndone={() => setUndone((count) => count + 1)} />;
  const list = snapshot ? (
    <>
      <FloodNotice connection={connection} rows={rows} />
      <QueueList connection={connection} snapshot={snapshot} current={current} />
      {surface !== 'page' && <Navigation place={place} below />}
      <Account connection={connection} />
    </>
  ) : (
    <div class="blank">
      {(!link || link.state === 'live' || link.state === 'polling') && <p>{say('loading')}</p>}
      {link && link.state !== 'live' && <Account connection={connection} />}
    </div>
  );
  return (
    <div class={`frame ${place.kind}`} data-covered={palette || help}>
      <Header
        connection={connection}
        surface={surface}
        place={place}
        snapshot={snapshot ?? null}
        link={link ?? null}
      />
      <StateNotice connection={connection} link={link ?? null} hasQueue={Boolean(snapshot)} />
      {elsewhere ? (
        <>
          <div class="columns">
            <OtherPage connection={connection} place={place} />
          </div>
          {bar}
          {surface !== 'page' && <Navigation place={place} below />}
        </>
      ) : (
        <div class="columns">
          {!onTheWay && (surface === 'page' || place.kind !== 'request') && (
            <nav aria-label={say('queue')} class="list">
              {list}
            </nav>
          )}
          {place.kind === 'request' ? (
            <section class="one">
              <RequestPage
                key={`${place.id} ${undone}`}
                connection={connection}
                id={place.id}
                step={place.step}
                revision={rows.find((row) => row.id === place.id)?.revision}
                onNext={next === undefined ? undefined : () => visit(next)}
                bar={bar}
              />
            </section>
          ) : (
            <section class="one none">
              {surface === 'page' && rows.length > 0 && <p class="blank">{say('choose_one')}</p>}
              {bar}
            </section>
          )}
        </div>
      )}
      {palette && <Palette frame={frame} waiting={rows} onClose={() => setPalette(false)} />}
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}

function visit(id: string | undefined): void {
  if (id !== undefined) go({ kind: 'request', id, step: 'look' });
}

/** The request `by` lines further on. From one that has left the queue, and from nowhere, the first. */
function neighbour(rows: Row[], current: string | undefined, by: 1 | -1): string | undefined {
  const at = rows.findIndex((row) => row.id === current);
  return at === -1 ? rows[0]?.id : rows[at + by]?.id;
}
