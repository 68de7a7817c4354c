import type { Grant } from '@countersign/shared/contracts';
import { spanText, titleOf } from '@countersign/shared/plain';
import { Plain } from '../card/Plain.tsx';
import { Title } from '../card/Title.tsx';
import { hashOf } from '../surface/route.ts';
import { language, say } from '../words/say.ts';
import { Alike } from './Alike.tsx';
import { likenessOf } from './offer.ts';

type Props = {
  grant: Grant;
  /** It was used up, revoked or is over: it keeps its place and can no longer be revoked. */
  ended: boolean;
  me: string;
  now: number;
  revoking: boolean;
  onRevoke: () => void;
};

/** One grant: what was approved, what counts as like it, who gave it, what is left, and its end at a click. */
export function GrantRow({ grant, ended, me, now, revoking, onRevoke }: Props) {
  const { request, by, left, calls, per, expires_at } = grant;
  return (
    <li class={ended ? 'ended' : undefined}>
      <div class="what">
        <a class="title" href={hashOf({ kind: 'request', id: request.id, step: 'look' })}>
          <Title segments={titleOf(request, language())} />
        </a>
        <p>
          <Alike likeness={likenessOf(request, per)} />
        </p>
        <p class="who">
          <Plain text={request.agent} /> · <Plain text={request.tool} /> ·{' '}
          {say('grant_by', by === me ? say('you') : by)}
        </p>
      </div>
      <div class="left">
        {ended ? (
          <span role="status">{say('grant_ended')}</span>
        ) : (
          <>
            <b>{say('grant_left', left, calls)}</b>
            <span>{say('time_left', spanText(Date.parse(expires_at) - now))}</span>
          </>
        )}
      </div>
      <button
        type="button"
        class="reject"
        aria-disabled={revoking || ended}
        onClick={() => !revoking && !ended && onRevoke()}
      >
        {say(revoking ? 'grant_revoking' : 'grant_revoke')}
      </button>
    </li>
  );
}
