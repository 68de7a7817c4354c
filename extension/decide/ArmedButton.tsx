import type { ComponentChildren } from 'preact';
import { keyed } from '../surface/keyed.ts';
import { say } from '../words/say.ts';
import type { Armed } from './use-arming.ts';

type Props = {
  arming: Armed;
  strokes: 1 | 2;
  /** The key that does the same, as it is shown. */
  keyName: string;
  tone: 'approve' | 'reject' | 'primary';
  /** Something has to happen first; then a click tells what, by calling `onBlocked`. */
  blocked: boolean;
  onBlocked: () => void;
  onFire: () => void;
  children: ComponentChildren;
};

/**
 * A button that decides. It acts when the pointer or a key went down and came up on it while its card was armed, by key
 * as often as the tier asks. It is never `disabled`, which would lose the focus and say nothing.
 */
export function ArmedButton(props: Props) {
  const { arming, strokes, keyName, tone, blocked, onBlocked, onFire, children } = props;
  const lift = (by: string, needed: 1 | 2) => {
    const fires = arming.release(by, needed);
    if (fires && !blocked) onFire();
  };
  return (
    <button
      type="button"
      class={`${tone} armed-button${arming.armed && !blocked ? ' ready' : ''}`}
      aria-disabled={blocked || !arming.armed}
      {...keyed(strokes === 2 ? `${keyName} ${keyName}` : keyName)}
      onPointerDown={(event) => {
        if (event.button === 0) arming.press('pointer');
      }}
      onClick={(event) => {
        if (blocked) return onBlocked();
        if (event.detail > 0) return lift('pointer', 1);
        // Not a pointer but assistive technology, which counts as a stroke of the key.
        arming.press('assistance');
        lift('assistance', strokes);
      }}
      onKeyDown={(event) => {
        if (!isPress(event.key)) return;
        // The browser would click by itself, at the first repeat or when another card may stand here.
        event.preventDefault();
        if (event.repeat) return;
        if (blocked) onBlocked();
        else arming.press(event.key);
      }}
      onKeyUp={(event) => {
        if (!isPress(event.key)) return;
        event.preventDefault();
        lift(event.key, strokes);
      }}
      // A key that goes down here and comes up elsewhere was not meant for this button.
      onBlur={arming.abandon}
    >
      <span>{arming.primed ? say('press_again', keyName) : children}</span>
      <kbd>{strokes === 2 ? `${keyName} ${keyName}` : keyName}</kbd>
    </button>
  );
}

function isPress(key: string): boolean {
  return key === 'Enter' || key === ' ';
}
