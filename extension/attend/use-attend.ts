import type { RequestView } from '@countersign/shared/contracts';
import { useRef, useState } from 'preact/hooks';
import { askAgent, claim, revoke } from '../api/reviewer.ts';
import type { Answer, Trouble } from '../api/trouble.ts';
import type { Connection } from '../keep/items.ts';

/** What a reviewer does about a request beside deciding it. */
export type Errand = 'claim' | 'ask' | 'revoke';

export type Attend = {
  /** The one that is on its way. */
  busy: Errand | null;
  /** Why the last one failed. */
  trouble: Trouble | null;
  claim: (release: boolean) => Promise<void>;
  /** Whether the server has the question. Asking the same again is harmless: it is one question. */
  ask: (text: string) => Promise<boolean>;
  revoke: (reason: string) => Promise<boolean>;
};

/**
 * Claims, asks and revokes, one at a time. None of them is a verdict, so none keeps a verdict waiting.
 *
 * @param take is given the request as the server then has it
 */
export function useAttend(connection: Connection, id: string, take: (request: RequestView) => void): Attend {
  const [state, setState] = useState<Pick<Attend, 'busy' | 'trouble'>>({ busy: null, trouble: null });
  const inFlight = useRef(false);

  const run = async (errand: Errand, send: () => Promise<Answer<RequestView>>): Promise<boolean> => {
    if (inFlight.current) return false;
    inFlight.current = true;
    setState({ busy: errand, trouble: null });
    const answer = await send();
    inFlight.current = false;
    setState({ busy: null, trouble: answer.ok ? null : answer.trouble });
    if (answer.ok) take(answer.value);
    return answer.ok;
  };

  return {
    ...state,
    claim: async (release) => {
      await run('claim', () => claim(connection, id, release));
    },
    ask: (text) => run('ask', () => askAgent(connection, id, text.trim())),
    revoke: (reason) => run('revoke', () => revoke(connection, id, reason.trim())),
  };
}
