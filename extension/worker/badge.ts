import { browser } from 'wxt/browser';
import type { Link, Snapshot } from '../keep/items.ts';
import { say, sayCount } from '../words/say.ts';

/** What the toolbar button says. */
export type Badge = { text: string; tone: 'waiting' | 'unknown' };

/**
 * The badge for what is known. Offline is not zero: without a fresh answer it says "!", never nothing.
 *
 * @param connected whether this browser is paired at all; if not, "!" asks for that
 */
function badgeOf(connected: boolean, link: Link | null, snapshot: Snapshot | null): Badge {
  const fresh = link === null || link.state === 'live' || link.state === 'polling';
  if (!connected || !fresh || !snapshot) {
    return { text: '!', tone: 'unknown' };
  }
  if (snapshot.total === 0) return { text: '', tone: 'waiting' };
  return { text: snapshot.total > 999 ? '999+' : String(snapshot.total), tone: 'waiting' };
}

const tones = { waiting: '#b4430b', unknown: '#59616d' };

/** Shows it. */
export async function showBadge(
  connected: boolean,
  link: Link | null,
  snapshot: Snapshot | null,
): Promise<void> {
  const badge = badgeOf(connected, link, snapshot);
  const title =
    badge.tone === 'unknown'
      ? say(connected ? 'badge_unknown' : 'badge_signed_out')
      : sayCount(snapshot?.total ?? 0, 'waiting_one', 'waiting_many');
  await Promise.all([
    browser.action.setBadgeText({ text: badge.text }),
    browser.action.setBadgeBackgroundColor({ color: tones[badge.tone] }),
    browser.action.setBadgeTextColor({ color: '#ffffff' }),
    browser.action.setTitle({ title: `Countersign · ${title}` }),
  ]);
}
