/**
 * When a button may act. An approval needs its press and its release on one armed card, and a card arms half a second
 * after it appears, changes, or its window gets the focus back: long enough that a click meant for something else
 * never lands on it. Pure; the time is an argument.
 */

/** Milliseconds from appearing to armed. */
export const armingDelay = 500;
/** The second of two strokes has to follow within this many milliseconds. */
const strokeWindow = 4_000;
/** A worn key reports one stroke twice within this many milliseconds. */
const bounce = 60;

export type Arming = {
  /** What is on the screen: request, version, digest, step. Another face is another card. */
  face: string;
  /** Since when this face has been visible with the focus; null while it is not. */
  since: number | null;
  /** The face on which something went down while it was armed, and what: the pointer, or a key by its name. */
  pressed: { face: string; by: string } | null;
  /** When the first of two strokes came. */
  primedAt: number | null;
};

/** A face appears, or changes into another. The same face again changes nothing. */
export function show(arming: Arming | undefined, face: string, attended: boolean, now: number): Arming {
  if (arming && arming.face === face) return arming;
  return { face, since: attended ? now : null, pressed: null, primedAt: null };
}

/** The face has been drawn: only from then on could anyone see it. On a slow machine that is well after it appeared. */
export function drawn(arming: Arming, face: string, now: number): Arming {
  return arming.face === face && arming.since !== null ? { ...arming, since: now, pressed: null } : arming;
}

/** The window lost the focus, or was hidden. */
export function lose(arming: Arming): Arming {
  return { ...arming, since: null, pressed: null, primedAt: null };
}

/** The window has the focus again. */
export function regain(arming: Arming, now: number): Arming {
  return arming.since === null ? { ...arming, since: now } : arming;
}

export function isArmed(arming: Arming, now: number): boolean {
  return arming.since !== null && now - arming.since >= armingDelay;
}

/** Milliseconds until armed; 0 when it is; null while nobody attends. */
export function untilArmed(arming: Arming, now: number): number | null {
  return arming.since === null ? null : Math.max(0, arming.since + armingDelay - now);
}

/** Pointer or key goes down on the button. `by` says which, so that only its own release counts. */
export function press(arming: Arming, by: string, now: number): Arming {
  return { ...arming, pressed: isArmed(arming, now) ? { face: arming.face, by } : null };
}

/** What went down will come up elsewhere. */
export function abandon(arming: Arming): Arming {
  return arming.pressed === null ? arming : { ...arming, pressed: null };
}

/**
 * It comes up again on the button.
 *
 * @param strokes 1, or 2 for a key from the high tier up: the first primes, the second within four seconds acts
 */
export function release(
  arming: Arming,
  by: string,
  strokes: 1 | 2,
  now: number,
): { arming: Arming; fires: boolean } {
  const { pressed, primedAt } = arming;
  const after = { ...arming, pressed: null };
  if (pressed?.face !== arming.face || pressed.by !== by || !isArmed(arming, now)) {
    return { arming: after, fires: false };
  }
  if (strokes === 1) return { arming: { ...after, primedAt: null }, fires: true };
  const gap = primedAt === null ? null : now - primedAt;
  if (gap !== null && gap < bounce) return { arming: after, fires: false };
  if (gap !== null && gap <= strokeWindow) return { arming: { ...after, primedAt: null }, fires: true };
  return { arming: { ...after, primedAt: now }, fires: false };
}

/** Whether the first of two strokes has been made and still counts. */
export function isPrimed(arming: Arming, now: number): boolean {
  return arming.primedAt !== null && now - arming.primedAt <= strokeWindow;
}
