import { say } from '../words/say.ts';
import type { Command } from './command.ts';

/**
 * What the buttons in sight can do now: each that names its key and is not disabled. So whatever a page offers is in
 * the palette without being listed twice. A button that decides gets the focus and nothing more: it wants a press of
 * its own.
 */
export function commandsOnScreen(root: ParentNode = document): Command[] {
  const buttons = [...root.querySelectorAll<HTMLElement>('button, a[href]')].filter(
    (button) =>
      (button.querySelector('kbd') !== null || button.hasAttribute('aria-keyshortcuts')) &&
      button.closest('dialog') === null &&
      button.checkVisibility() &&
      (button.getAttribute('aria-disabled') !== 'true' || button.matches('.armed-button')),
  );
  return buttons.map((button, i) => {
    const key = button.querySelector('kbd')?.textContent ?? button.getAttribute('aria-keyshortcuts');
    return {
      id: `button-${i}`,
      label: labelOf(button),
      kind: say('palette_here'),
      ...(key ? { key } : {}),
      run: () => {
        if (button.matches('.armed-button')) button.focus();
        else button.click();
      },
    };
  });
}

/** What a button says, without its key. */
function labelOf(button: HTMLElement): string {
  const copy = button.cloneNode(true);
  if (!(copy instanceof HTMLElement)) return '';
  for (const key of copy.querySelectorAll('kbd')) key.remove();
  return (copy.textContent ?? '').trim() || (button.getAttribute('aria-label') ?? '');
}
