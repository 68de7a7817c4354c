import type { Connection } from '../keep/items.ts';
import { lazily } from './lazily.tsx';
import type { Place } from './route.ts';

const BatchesPage = lazily(() => import('../batch/BatchesPage.tsx').then((part) => part.BatchesPage));
const HistoryPage = lazily(() => import('../history/HistoryPage.tsx').then((part) => part.HistoryPage));
const GrantsPage = lazily(() => import('../grants/GrantsPage.tsx').then((part) => part.GrantsPage));
const ReviewsPage = lazily(() => import('../reviews/ReviewsPage.tsx').then((part) => part.ReviewsPage));
const SettingsPage = lazily(() => import('../settings/SettingsPage.tsx').then((part) => part.SettingsPage));

/** Places that have a surface to themselves, without the list of what waits beside them. */
export type OtherPlace = Extract<Place, { kind: 'batches' | 'grants' | 'history' | 'reviews' | 'settings' }>;

export function isOtherPlace(place: Place): place is OtherPlace {
  return (
    place.kind === 'batches' ||
    place.kind === 'grants' ||
    place.kind === 'history' ||
    place.kind === 'reviews' ||
    place.kind === 'settings'
  );
}

/** Shows one of them. */
export function OtherPage({ connection, place }: { connection: Connection; place: OtherPlace }) {
  if (place.kind === 'batches') return <BatchesPage connection={connection} />;
  if (place.kind === 'history') return <HistoryPage connection={connection} filters={place.filters} />;
  if (place.kind === 'reviews') return <ReviewsPage connection={connection} />;
  if (place.kind === 'grants') return <GrantsPage connection={connection} />;
  return <SettingsPage connection={connection} />;
}
