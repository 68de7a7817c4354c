import { useEffect, useRef } from 'preact/hooks';

/** What a key does. `repeat` says that it is being held down. */
export type KeyMap = Record<string, (repeat: boolean) => void>;

/**
 * Single keys for the whole surface, named as in `KeyboardEvent.key`, letters in lower case. Not while something is
 * being typed, except Escape; not with Ctrl, Alt or Meta, which belong to the browser, except `Ctrl+Enter` (on a Mac
 * also ⌘ Enter), which sends a form from within.
 */
export function useKeys(keys: KeyMap): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.isComposing) return;
      if (document.querySelector('dialog[open]')) return;
      const key = nameOf(event);
      if (key === undefined || (isTyping(event.target) && key !== 'Escape' && key !== 'Ctrl+Enter')) return;
      const act = Object.hasOwn(current.current, key) ? current.current[key] : undefined;
      if (!act) return;
      event.preventDefault();
      act(event.repeat);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}

function nameOf(event: KeyboardEvent): string | undefined {
  if (event.ctrlKey || event.metaKey) return event.key === 'Enter' ? 'Ctrl+Enter' : undefined;
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox' && target.type !== 'radio';
  return (
    target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
  );
}
