/**
 * How long one version of a card was in view and in focus, and what of it was opened: a claim that goes with the
 * verdict. Kept in the session's storage every second, so that it survives a popup that closes, and goes on where
 * another surface left off. No keys, no pointers.
 */
import type { Attention, CardSection } from '@countersign/shared/contracts';
import { storage } from 'wxt/utils/storage';

/** `first`: when it was first shown, ms. */
type Kept = { first: number; visible_ms: number; opened: CardSection[] };

export type Watch = {
  /** What was measured so far. */
  claim: () => Omit<Attention, 'values_opened'>;
  /** Stops measuring, and keeps what was measured. */
  stop: () => void;
};

/** What was measured is kept so often, ms. */
const keepEveryMs = 1_000;

const nameOf = (id: string, version: number) => `session:attention:${id}:${version}` as const;

/** Somebody can be looking: Page Visibility and focus, both. */
const isLookedAt = (): boolean => document.visibilityState === 'visible' && document.hasFocus();

function surfaceHere(): NonNullable<Attention['surface']> {
  if (location.protocol.startsWith('http')) return 'web';
  const { surface } = document.documentElement.dataset;
  return surface === 'popup' ? 'popup' : surface === 'panel' ? 'side_panel' : 'page';
}

/** Lets go of what was measured of a request that no longer waits. */
export function forgetWatch(id: string, version: number): void {
  void storage.removeItem(nameOf(id, version));
}

/** Measures from now on. */
export function watchCard(id: string, version: number): Watch {
  const name = nameOf(id, version);
  let kept: Kept = { first: Date.now(), visible_ms: 0, opened: [] };
  let since: number | null = null;
  let over = false;

  /** Adds what has passed; from here on it counts if somebody can be looking. */
  function measure(): Kept {
    const at = performance.now();
    if (since !== null) kept = { ...kept, visible_ms: kept.visible_ms + at - since };
    since = isLookedAt() && !over ? at : null;
    return kept;
  }
  /** Another surface may have gone on meanwhile: what it left is the start of what is measured here. */
  async function takeOver(): Promise<void> {
    const before = measure();
    const other = await storage.getItem<Kept>(name);
    if (other === null || other.visible_ms <= before.visible_ms) return;
    const opened = [...new Set([...other.opened, ...kept.opened])];
    kept = { ...other, opened, visible_ms: other.visible_ms + (kept.visible_ms - before.visible_ms) };
  }
  const keep = (): void => void storage.setItem(name, measure());
  function changed(): void {
    const was = since !== null;
    measure();
    if (was) keep();
    else void takeOver();
  }
  function toggled({ target }: Event): void {
    if (!(target instanceof HTMLDetailsElement) || !target.open) return;
    const section = target.dataset.section as CardSection | undefined;
    if (section && !kept.opened.includes(section)) kept = { ...kept, opened: [...kept.opened, section] };
  }

  const timer = setInterval(() => since !== null && keep(), keepEveryMs);
  const moments = ['focus', 'blur', 'pagehide', 'visibilitychange'] as const;
  for (const moment of moments) addEventListener(moment, changed);
  // It does not bubble.
  addEventListener('toggle', toggled, true);
  measure();
  void takeOver();

  return {
    claim() {
      const { first, visible_ms, opened } = measure();
      return {
        surface: surfaceHere(),
        visible_ms: Math.round(visible_ms),
        since_shown_ms: Math.max(0, Date.now() - first),
        opened,
      };
    },
    stop() {
      over = true;
      clearInterval(timer);
      for (const moment of moments) removeEventListener(moment, changed);
      removeEventListener('toggle', toggled, true);
      keep();
    },
  };
}
