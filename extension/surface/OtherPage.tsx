import type { Connection } from '../keep/items.ts';
import { lazily } from './lazily.tsx';
import type { Place } from './route.ts';

const BatchesPage = lazily(() => import('../batch/BatchesPage.tsx').then((part) => part.BatchesPage));
const DrillPage = lazily(() => import('../drill/DrillPage.tsx').then((part) => part.DrillPage));
const HistoryPage = lazily(() => import('../history/HistoryPage.tsx').then((part) => part.HistoryPage));
const GrantsPage = lazily(() => import('../grants/GrantsPage.tsx').then((part) => part.GrantsPage));
const InsightsPage = lazily(() => import('../insights/InsightsPage.tsx').then((part) => part.InsightsPage));
const ReviewsPage = lazily(() => import('../reviews/ReviewsPage.tsx').then((part) => part.ReviewsPage));
const SettingsPage = lazily(() => import('../settings/SettingsPage.tsx').then((part) => part.SettingsPage));

/** Places that have a surface to themselves, without the list of what waits beside them. */
export type OtherPlace = Exclude<Place, { kind: 'start' | 'queue' | 'request' }>;

export function isOtherPlace(place: Place): place is OtherPlace {
  return place.kind !== 'start' && place.kind !== 'queue' && place.kind !== 'request';
}

/** Shows one of them. */
export function OtherPage({ connection, place }: { connection: Connection; place: OtherPlace }) {
  if (place.kind === 'batches') return <BatchesPage connection={connection} />;
  if (place.kind === 'history') return <HistoryPage connection={connection} filters={place.filters} />;
  if (place.kind === 'reviews') return <ReviewsPage connection={connection} />;
  if (place.kind === 'insights') return <InsightsPage connection={connection} view={place.view} />;
  if (place.kind === 'drill') return <DrillPage connection={connection} />;
  if (place.kind === 'grants') return <GrantsPage connection={connection} />;
  return <SettingsPage connection={connection} />;
}
