import { say } from '../words/say.ts';

const names: Record<string, string> = { '↵': 'Enter', Esc: 'Escape', Ctrl: 'Control' };

/**
 * What tells of a button's key: its tooltip, and the attribute that screen readers announce. `key` as it is shown,
 * `A A` where it takes two presses. `about` is what else the tooltip has to say.
 */
export function keyed(key: string, about?: string): { title: string; 'aria-keyshortcuts': string } {
  const shown = say('key_title', key);
  const parts = [...new Set(key.split(' '))].map((part) => names[part] ?? part);
  return { title: about ? `${about} · ${shown}` : shown, 'aria-keyshortcuts': parts.join('+') };
}
