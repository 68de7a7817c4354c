import { type Phrase, say } from '../words/say.ts';
import { hashOf, type Place } from './route.ts';

const all = [
  { place: { kind: 'queue' }, name: 'queue' },
  { place: { kind: 'reviews' }, name: 'reviews' },
  { place: { kind: 'history', filters: {} }, name: 'history' },
  { place: { kind: 'grants' }, name: 'grants' },
  { place: { kind: 'insights', view: { days: 30 } }, name: 'insights' },
  { place: { kind: 'settings' }, name: 'settings' },
] as const satisfies { place: Place; name: Phrase }[];

/** Every page that can be gone to from anywhere. */
export function pages(): readonly { place: Place; name: Phrase }[] {
  return all;
}

/** The way to each page: in the top line where there is room, else `below` the page. */
export function Navigation({ place, below = false }: { place: Place; below?: boolean }) {
  const here = place.kind === 'request' || place.kind === 'start' ? 'queue' : place.kind;
  return (
    <nav class={`pages${below ? ' below' : ''}`} aria-label={say('pages')}>
      {all.map((page) => (
        <a
          key={page.name}
          href={hashOf(page.place)}
          aria-current={
            page.place.kind === here ? (page.place.kind === place.kind ? 'page' : 'true') : undefined
          }
        >
          {say(page.name)}
        </a>
      ))}
    </nav>
  );
}
