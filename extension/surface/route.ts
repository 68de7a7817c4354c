import { useEffect, useState } from 'preact/hooks';
import { type Filters, queryOf, readFilters } from '../history/filters.ts';
import { readView, type View, viewQuery } from '../insights/view.ts';

/**
 * What the reviewer does with a request: look at it, edit it, take a last look at the edit, reject it, ask its agent
 * something, or take its approval back.
 */
export type Step = 'look' | 'edit' | 'check' | 'reject' | 'ask' | 'revoke';

/** Pages that their name alone leads to. */
type Plain = 'grants' | 'reviews' | 'settings' | 'batches' | 'drill';
const plain: ReadonlySet<string | undefined> = new Set<Plain>([
  'grants',
  'reviews',
  'settings',
  'batches',
  'drill',
]);

/** A place in the extension, as it stands behind the `#` of the address. Links keep working across sign-in. */
export type Place =
  | { kind: 'start' }
  | { kind: 'queue' }
  | { kind: 'request'; id: string; step: Step }
  | { kind: 'history'; filters: Filters }
  | { kind: Plain }
  | { kind: 'insights'; view: View };

const steps: ReadonlySet<string> = new Set<Step>(['look', 'edit', 'check', 'reject', 'ask', 'revoke']);

export function readPlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s);
  const [, first, id, step = 'look'] = path.split('/');
  if (first === 'request' && id) {
    return { kind: 'request', id: decode(id), step: isStep(step) ? step : 'look' };
  }
  if (first === 'history') return { kind: 'history', filters: readFilters(query) };
  if (isPlain(first)) return { kind: first };
  if (first === 'insights') return { kind: 'insights', view: readView(query, id) };
  return hash === '' || hash === '#' ? { kind: 'start' } : { kind: 'queue' };
}

export function hashOf(place: Place): string {
  if (place.kind === 'start') return '';
  if (place.kind === 'queue') return '#/';
  if (place.kind === 'history') return asked('#/history', queryOf(place.filters));
  if (place.kind === 'insights')
    return asked(`#/insights${place.view.part ? '/suggestions' : ''}`, viewQuery(place.view));
  if (place.kind !== 'request') return `#/${place.kind}`;
  return `#/request/${encodeURIComponent(place.id)}${place.step === 'look' ? '' : `/${place.step}`}`;
}

const asked = (path: string, query: string): string => (query === '' ? path : `${path}?${query}`);

/** Goes to a place. `replace` leaves no step back to the one before. */
export function go(place: Place, how: 'push' | 'replace' = 'push'): void {
  const hash = hashOf(place);
  if (how === 'push') location.hash = hash;
  else location.replace(hash === '' ? '#' : hash);
}

/** The place the address names, following it. */
export function usePlace(): Place {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    // It may have changed between the first frame and now.
    follow();
    return () => removeEventListener('hashchange', follow);
  }, []);
  return readPlace(hash);
}

function isPlain(name: string | undefined): name is Plain {
  return plain.has(name);
}

function isStep(step: string): step is Step {
  return steps.has(step);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
