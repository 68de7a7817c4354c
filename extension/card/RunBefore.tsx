import type { RequestView } from '@countersign/shared/contracts';
import { distanceText, titleOf } from '@countersign/shared/plain';
import { useEffect, useState } from 'preact/hooks';
import type { Access } from '../api/call.ts';
import { getRunBefore } from '../api/search.ts';
import { hashOf } from '../surface/route.ts';
import { language, say } from '../words/say.ts';
import { Title } from './Title.tsx';

/** More of one run than this is for the history. */
const most = 20;

type Found = { requests: RequestView[]; more: boolean } | 'unknown';

/**
 * What the same run asked for before this, newest first. It is read after the card, and what it brings goes into a line
 * that is there already: nothing moves when it comes.
 */
export function RunBefore({ access, request }: { access: Access; request: RequestView }) {
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    let current = true;
    void getRunBefore(access, request, most).then((answer) => {
      if (!current) return;
      if (!answer.ok) return setFound('unknown');
      const requests = answer.value.items.filter(({ id }) => id !== request.id);
      setFound({ requests, more: answer.value.next_cursor !== undefined });
    });
    return () => {
      current = false;
    };
  }, [request.id]);
  const counted = found === null || found === 'unknown' ? null : found;
  return (
    <details class="run-before" data-section="run">
      <summary>
        {counted === null
          ? say('run_earlier')
          : say(counted.more ? 'run_earlier_more' : 'run_earlier_count', counted.requests.length)}
      </summary>
      {found === 'unknown' && <p>{say('run_unknown')}</p>}
      {counted?.requests.length === 0 && <p>{say('run_nothing')}</p>}
      <ul>
        {counted?.requests.map((other) => (
          <li key={other.id}>
            <a href={hashOf({ kind: 'request', id: other.id, step: 'look' })}>
              <Title segments={titleOf(other, language())} />
            </a>
            <small>
              {say(other.status === 'pending' ? 'run_pending' : `status_${other.status}`)}
              {other.outcome && ` · ${say(`outcome_${other.outcome.status}`)}`} ·{' '}
              {distanceText(
                { at: Date.parse(other.created_at), day: false },
                Date.parse(request.created_at),
                language(),
              )}
            </small>
          </li>
        ))}
      </ul>
    </details>
  );
}
