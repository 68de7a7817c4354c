import type { Link, Snapshot } from '../keep/items.ts';
import { language, say } from '../words/say.ts';

/** How fresh the queue is. Offline says since when, because an old list is not an empty one. */
export function LinkState({ link, snapshot }: { link: Link | null; snapshot: Snapshot | null }) {
  const state = link?.state ?? 'polling';
  const at = snapshot
    ? new Intl.DateTimeFormat(language(), { timeStyle: 'short' }).format(snapshot.synced_at)
    : '';
  return (
    <span
      class={`link-state ${state}`}
      role="status"
      title={state === 'offline' ? say('link_offline_title', at) : undefined}
    >
      <span class="dot" aria-hidden="true" />
      {state === 'offline' && at !== '' ? say('link_offline_since', at) : say(`link_${state}`)}
    </span>
  );
}
