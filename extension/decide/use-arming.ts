import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import {
  type Arming,
  abandon,
  drawn,
  isArmed,
  isPrimed,
  lose,
  press,
  regain,
  release,
  show,
  untilArmed,
} from './arming.ts';

/** The handle that a button and its key share. */
export type Armed = {
  armed: boolean;
  /** The first of two strokes has been made. */
  primed: boolean;
  /** The pointer or the key named `by` goes down. A key that is held down goes down once: leave its repeats out. */
  press: (by: string) => void;
  /** It comes up again: whether that acts. `strokes` as the tier asks of a key; a pointer needs one. */
  release: (by: string, strokes: 1 | 2) => boolean;
  /** It will come up elsewhere. */
  abandon: () => void;
};

/** Runs the arming of one face (see `arming.ts`) on the page's clock and focus. */
export function useArming(face: string): Armed {
  const state = useRef<Arming | undefined>(undefined);
  const [, redraw] = useState(0);
  const now = () => performance.now();
  state.current = show(state.current, face, isAttended(), now());
  const current = (): Arming => state.current ?? show(undefined, face, isAttended(), now());
  const set = (next: Arming) => {
    state.current = next;
    redraw((count) => count + 1);
  };

  // A layout effect, so that no loss of the focus falls between the first frame and the listener.
  useLayoutEffect(() => {
    const look = () => set(isAttended() ? regain(current(), now()) : lose(current()));
    addEventListener('focus', look);
    addEventListener('blur', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      removeEventListener('focus', look);
      removeEventListener('blur', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);

  useLayoutEffect(() => {
    // The callback runs right before the frame is drawn, the message it sends itself right after.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => set(drawn(current(), face, now()));
    const frame = requestAnimationFrame(() => port2.postMessage(null));
    return () => {
      cancelAnimationFrame(frame);
      port1.close();
    };
  }, [face]);

  const since = state.current.since;
  const primedAt = state.current.primedAt;
  useEffect(() => {
    const wait = untilArmed(current(), now());
    if (wait === null || wait === 0) return;
    const timer = setTimeout(() => redraw((count) => count + 1), wait + 1);
    return () => clearTimeout(timer);
  }, [face, since]);
  useEffect(() => {
    if (primedAt === null) return;
    const timer = setInterval(() => redraw((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, [primedAt]);

  return {
    armed: isArmed(state.current, now()),
    primed: isPrimed(state.current, now()),
    press: (by) => {
      // A window that was clicked into existence may never have told of its focus.
      if (isAttended()) state.current = regain(current(), now());
      set(press(current(), by, now()));
    },
    release: (by, strokes) => {
      const { arming, fires } = release(current(), by, strokes, now());
      set(arming);
      return fires;
    },
    abandon: () => {
      state.current = abandon(current());
    },
  };
}

function isAttended(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}
