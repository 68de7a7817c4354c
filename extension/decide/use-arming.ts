import { useEffect, useRef, useState } from 'preact/hooks';
import {
  type Arming,
  isArmed,
  isPrimed,
  lose,
  press,
  regain,
  release,
  show,
  strike,
  untilArmed,
} from './arming.ts';

/** The handle that a button and its key share. */
export type Armed = {
  armed: boolean;
  /** The first of two strokes has been made. */
  primed: boolean;
  press: () => void;
  /** Whether the pointer's release acts. */
  release: () => boolean;
  /** Whether a stroke of the key acts. */
  strike: (strokes: 1 | 2, repeat: boolean) => boolean;
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

  useEffect(() => {
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
    press: () => {
      // A window that was clicked into existence may never have told of its focus.
      if (isAttended()) state.current = regain(current(), now());
      set(press(current(), now()));
    },
    release: () => {
      const { arming, fires } = release(current(), now());
      set(arming);
      return fires;
    },
    strike: (strokes, repeat) => {
      const { arming, fires } = strike(current(), strokes, repeat, now());
      set(arming);
      return fires;
    },
  };
}

function isAttended(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus();
}
