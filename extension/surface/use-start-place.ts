import { useEffect } from 'preact/hooks';
import { laterItem, placeItem, type Snapshot } from '../keep/items.ts';
import { nextToLookAt } from '../queue/next.ts';
import { go, hashOf, type Place, readPlace } from './route.ts';
import type { Surface } from './surface.ts';
import { openedUnasked } from './unasked.ts';

/**
 * Where a popup or panel starts when its address names no place: on the request that it opened itself for; on the form
 * that was being filled in when it closed, if that request still waits; else on the most urgent that is not put off.
 */
export async function startPlace(surface: Surface, snapshot: Snapshot): Promise<Place> {
  const [last, later, opened] = await Promise.all([
    placeItem.getValue(),
    laterItem.getValue(),
    surface === 'popup' ? openedUnasked() : null,
  ]);
  if (opened !== null) return { kind: 'request', id: opened, step: 'look' };
  const before = readPlace(last);
  const unfinished = before.kind === 'request' && before.step !== 'look';
  if (unfinished && snapshot.rows.some((row) => row.id === before.id)) return before;
  const first = nextToLookAt(snapshot.rows, undefined, later, Date.now()) ?? snapshot.rows[0];
  return first ? { kind: 'request', id: first.id, step: 'look' } : { kind: 'queue' };
}

/** Goes to the start place once the queue is known, where the address names none. A page starts on the list. */
export function useStartPlace(surface: Surface, place: Place, snapshot: Snapshot | null | undefined): void {
  const hash = hashOf(place);
  useEffect(() => {
    if (place.kind !== 'start') void placeItem.setValue(hash);
  }, [hash]);

  const ready = snapshot !== undefined && snapshot !== null;
  useEffect(() => {
    if (place.kind !== 'start' || !ready || surface === 'page') return;
    let wanted = true;
    startPlace(surface, snapshot).then((start) => {
      if (wanted) go(start, 'replace');
    });
    return () => {
      wanted = false;
    };
  }, [place.kind, ready, surface]);
}
