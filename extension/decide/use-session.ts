import type { Decide, RequestView } from '@countersign/shared/contracts';
import { useCallback, useEffect, useReducer, useRef } from 'preact/hooks';
import { decide, getRequest, markViewed } from '../api/reviewer.ts';
import type { Answer } from '../api/trouble.ts';
import type { Connection } from '../keep/items.ts';
import { useNews } from '../queue/use-news.ts';
import { type Deed, emptySession, type Session, step } from './session.ts';
import { ownVerdict } from './verdict.ts';

export type SessionHandle = {
  session: Session;
  reload: () => Promise<void>;
  lookAgain: () => void;
  /** Takes in the request as another call gave it. */
  take: (request: RequestView) => void;
  /** Sends a verdict; gives the request as the server confirmed it, or null. One at a time. */
  send: (body: Decide) => Promise<RequestView | null>;
};

/** One request as this surface sees it: read, followed, and decided at most once at a time. */
export function useSession(connection: Connection, id: string): SessionHandle {
  const [session, happen] = useReducer(step, emptySession);
  const inFlight = useRef(false);
  const opened = useRef(id);
  opened.current = id;

  const reload = useCallback(async () => {
    const answer = await getRequest(connection, id);
    if (opened.current !== id) return;
    if (answer.ok) happen({ kind: 'read', request: answer.value });
    else happen({ kind: 'unreadable', trouble: answer.trouble });
  }, [connection, id]);

  useEffect(() => {
    happen({ kind: 'opened' });
    void reload();
  }, [reload, id]);

  useNews(
    useCallback(
      (request) => {
        if (request === null || request === id) void reload();
      },
      [reload, id],
    ),
  );

  const shown = session.shown;
  const digest = shown?.status === 'pending' ? `${shown.version} ${shown.args_digest}` : null;
  useEffect(() => {
    if (!shown || digest === null) return;
    void markViewed(connection, shown.id, { version: shown.version, args_digest: shown.args_digest });
  }, [digest]);

  const send = useCallback(
    async (body: Decide) => {
      if (inFlight.current) return null;
      inFlight.current = true;
      const deed: Deed = body.verdict;
      happen({ kind: 'sent', deed });
      try {
        const answer = await settle(connection, id, body);
        if (opened.current !== id) return answer.ok ? answer.value : null;
        if (answer.ok) {
          happen({ kind: 'confirmed', deed, request: answer.value });
          return answer.value;
        }
        happen({ kind: 'refused', trouble: answer.trouble });
        await reload();
        return null;
      } finally {
        inFlight.current = false;
      }
    },
    [connection, id, reload],
  );

  const take = useCallback(
    (request: RequestView) => {
      if (opened.current === request.id) happen({ kind: 'read', request });
    },
    [id],
  );

  return { session, reload, lookAgain: () => happen({ kind: 'look_again' }), take, send };
}

/**
 * Sends a verdict and makes sure of what became of it: an answer that got lost is looked up, because the verdict may
 * well have arrived.
 */
async function settle(connection: Connection, id: string, body: Decide): Promise<Answer<RequestView>> {
  const answer = await decide(connection, id, body);
  if (answer.ok || answer.trouble.code !== 'unreachable') return answer;
  const found = await getRequest(connection, id);
  if (!found.ok) return answer;
  const own = ownVerdict(found.value, connection.person.id);
  // A test that this person has answered has no verdict on it: that it was one says that theirs arrived.
  return own?.verdict === body.verdict || found.value.canary !== undefined ? found : answer;
}
