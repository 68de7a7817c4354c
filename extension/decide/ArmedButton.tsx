import type { ComponentChildren } from 'preact';
import { say } from '../words/say.ts';
import type { Armed } from './use-arming.ts';

type Props = {
  arming: Armed;
  strokes: 1 | 2;
  /** The key that does the same, as it is shown. */
  keyName: string;
  tone: 'approve' | 'reject';
  /** Something has to happen first; then a click tells what, by calling `onBlocked`. */
  blocked: boolean;
  onBlocked: () => void;
  onFire: () => void;
  children: ComponentChildren;
};

/**
 * A button that decides. It acts when the pointer went down and came up on it while its card was armed, or when it is
 * struck by key as often as the tier asks. It is never `disabled`, which would lose the focus and say nothing.
 */
export function ArmedButton(props: Props) {
  const { arming, strokes, keyName, tone, blocked, onBlocked, onFire, children } = props;
  const strikeIt = (repeat: boolean) => {
    if (blocked) onBlocked();
    else if (arming.strike(strokes, repeat)) onFire();
  };
  return (
    <button
      type="button"
      class={`${tone} armed-button${arming.armed && !blocked ? ' ready' : ''}`}
      aria-disabled={blocked || !arming.armed}
      aria-keyshortcuts={keyName}
      onPointerDown={(event) => {
        if (event.button === 0) arming.press();
      }}
      onClick={(event) => {
        // detail 0: not a pointer but assistive technology, which counts as a stroke of the key.
        if (event.detail === 0) return strikeIt(false);
        const fires = arming.release();
        if (blocked) onBlocked();
        else if (fires) onFire();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        // The browser would click on release, when another card may stand here.
        event.preventDefault();
        strikeIt(event.repeat);
      }}
      onKeyUp={(event) => {
        if (event.key === ' ') event.preventDefault();
      }}
    >
      <span>{arming.primed ? say('press_again', keyName) : children}</span>
      <kbd>{strokes === 2 ? `${keyName} ${keyName}` : keyName}</kbd>
    </button>
  );
}
