import { useLayoutEffect, useRef } from 'preact/hooks';

/** What a key does. `repeat` says that it is being held down. */
export type KeyMap = Record<string, (repeat: boolean) => void>;

/** What the coming up of a key does. */
export type ReleaseMap = Record<string, () => void>;

const noReleases: ReleaseMap = {};

/**
 * Single keys for the whole surface, named as in `KeyboardEvent.key`, letters in lower case. Not while something is
 * being typed, except Escape; not with Ctrl, Alt or Meta, which belong to the browser, except `Ctrl+Enter` (on a Mac
 * also ⌘ Enter), which sends a form from within, and `Ctrl+k` (⌘ K), which opens the palette from anywhere.
 *
 * @param releases for what acts when its key comes up; told of every such key, so remember whether it went down here
 */
export function useKeys(keys: KeyMap, releases: ReleaseMap = noReleases): void {
  const current = useRef({ keys, releases });
  current.current = { keys, releases };
  // A layout effect, because the others are cleaned up after the next frame only: until then the keys of a card that is
  // gone would still decide it.
  useLayoutEffect(() => {
    const down = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.isComposing || isCovered()) return;
      const key = nameOf(event);
      if (key === undefined || (isTyping(event.target) && key !== 'Escape' && !key.startsWith('Ctrl+')))
        return;
      const { keys } = current.current;
      const act = Object.hasOwn(keys, key) ? keys[key] : undefined;
      if (!act) return;
      event.preventDefault();
      act(event.repeat);
    };
    const up = (event: KeyboardEvent) => {
      const { releases } = current.current;
      const key = event.key.toLowerCase();
      if (!isCovered() && Object.hasOwn(releases, key)) releases[key]?.();
    };
    document.addEventListener('keydown', down);
    document.addEventListener('keyup', up);
    return () => {
      document.removeEventListener('keydown', down);
      document.removeEventListener('keyup', up);
    };
  }, []);
}

/** A dialog lies over the page and has the keys, or will as soon as it is fetched: what is typed meanwhile is meant for it. */
function isCovered(): boolean {
  return document.querySelector('dialog[open], [data-covered="true"]') !== null;
}

function nameOf(event: KeyboardEvent): string | undefined {
  if (event.ctrlKey || event.metaKey) {
    const known = ['Enter', 'k'].find((key) => key === event.key);
    return known === undefined ? undefined : `Ctrl+${known}`;
  }
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox' && target.type !== 'radio';
  return (
    target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
  );
}
