/**
 * A popup that opened itself takes the keyboard away from whatever was being typed. Until the typing has paused, or
 * the reviewer has pressed the pointer here, no key does anything in it; Escape still closes it.
 */
import { type Opened, openedItem } from '../keep/items.ts';

/** Milliseconds without a key after which the next one is meant for the card. */
const pause = 1_500;
/** A popup is up this many milliseconds after the worker asked for it, or never. */
const fresh = 5_000;

/** The request that this popup was opened on by the worker just now; null where the reviewer opened it. */
export async function openedUnasked(now = Date.now()): Promise<string | null> {
  const opened: Opened | null = await openedItem.getValue();
  return opened !== null && now - opened.at < fresh ? opened.id : null;
}

/** Holds the keys back as long as they may be meant for something else. Call it before anything listens to keys. */
export function holdKeysIfUnasked(): void {
  let timer = setTimeout(letGo, pause);
  const swallow = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return;
    event.preventDefault();
    event.stopImmediatePropagation();
    clearTimeout(timer);
    timer = setTimeout(letGo, pause);
  };
  const kinds = ['keydown', 'keypress', 'keyup'] as const;
  function letGo() {
    clearTimeout(timer);
    for (const kind of kinds) removeEventListener(kind, swallow, true);
    removeEventListener('pointerdown', letGo, true);
  }
  for (const kind of kinds) addEventListener(kind, swallow, true);
  addEventListener('pointerdown', letGo, true);
  // Held from the first moment, because asking takes a while.
  void openedUnasked().then((id) => {
    if (id === null) letGo();
  });
}
