/**
 * What one card on one surface knows: what it shows, what the server has meanwhile, and what became of the verdict.
 * What is shown never changes by itself in anything that a reviewer judges; a newer version waits until it is asked
 * for. Pure.
 */
import type { RequestView, Verdict } from '@countersign/shared/contracts';
import type { Trouble } from '../api/trouble.ts';

export type Deed = Verdict | 'undo';

export type Session = {
  /** What the reviewer is looking at. */
  shown: RequestView | null;
  /** A version that replaced it meanwhile. */
  newer: RequestView | null;
  /** The one call on its way. */
  sending: Deed | null;
  /** What this surface did last, once the server has confirmed it. */
  done: Deed | null;
  trouble: Trouble | null;
};

export type Happening =
  | { kind: 'opened' }
  | { kind: 'read'; request: RequestView }
  | { kind: 'unreadable'; trouble: Trouble }
  | { kind: 'sent'; deed: Deed }
  | { kind: 'confirmed'; deed: Deed; request: RequestView }
  | { kind: 'refused'; trouble: Trouble }
  | { kind: 'look_again' };

export const emptySession: Session = { shown: null, newer: null, sending: null, done: null, trouble: null };

export function step(session: Session, happening: Happening): Session {
  switch (happening.kind) {
    case 'opened':
      return emptySession;
    case 'read':
      return receive(session, happening.request);
    case 'unreadable':
      // What is on the screen stays readable; only an empty card says why it is empty.
      return session.shown ? session : { ...session, trouble: happening.trouble };
    case 'sent':
      return { ...session, sending: happening.deed, trouble: null };
    case 'confirmed':
      return { shown: happening.request, newer: null, sending: null, done: happening.deed, trouble: null };
    case 'refused':
      return { ...session, sending: null, trouble: happening.trouble };
    case 'look_again':
      return session.newer ? { ...emptySession, shown: session.newer } : session;
  }
}

function receive(session: Session, request: RequestView): Session {
  const { shown, newer } = session;
  if (!shown) return { ...session, shown: request, trouble: null };
  const latest = newer ?? shown;
  if (request.revision < latest.revision) return session;
  if (!isSameMatter(shown, request)) return { ...session, newer: request };
  // Progress, claims and the status are news about the same matter.
  return { ...session, shown: request, newer: null };
}

/** Whether two readings of a request put the same thing to the reviewer. */
function isSameMatter(a: RequestView, b: RequestView): boolean {
  return a.id === b.id && a.version === b.version && a.args_digest === b.args_digest;
}

/** Whether a verdict can be sent for what is shown. */
export function isOpen(session: Session): boolean {
  return session.shown?.status === 'pending' && session.newer === null && session.sending === null;
}
