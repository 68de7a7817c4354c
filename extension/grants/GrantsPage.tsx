import type { Connection } from '../keep/items.ts';
import { useKeys } from '../surface/keys.ts';
import { go } from '../surface/route.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { useNow } from '../surface/use-now.ts';
import { say } from '../words/say.ts';
import { GrantRow } from './GrantRow.tsx';
import { useGrants } from './use-grants.ts';

/** What runs without anyone being asked, and the end of it. */
export function GrantsPage({ connection }: { connection: Connection }) {
  const { shown, revoking, trouble, reload, revoke } = useGrants(connection);
  const now = useNow();
  useKeys({ Escape: () => go({ kind: 'queue' }) });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: an empty page has nothing else to focus, and still scrolls when narrow
    <main class="grants" tabIndex={0}>
      <h1>{say('grants_title')}</h1>
      <p class="hint">{say('grants_hint')}</p>
      {trouble && (
        <p class="notice warn" role="alert">
          {troubleText(trouble)}{' '}
          <button type="button" class="link" onClick={() => void reload()}>
            {say('try_again')}
          </button>
        </p>
      )}
      {shown?.length === 0 && (
        <div class="blank" role="status">
          <p class="big">{say('grants_none')}</p>
          <p>{say('grants_none_hint')}</p>
        </div>
      )}
      {shown && shown.length > 0 && (
        <ul>
          {shown.map(({ grant, ended }) => (
            <GrantRow
              key={grant.id}
              grant={grant}
              ended={ended || Date.parse(grant.expires_at) <= now}
              me={connection.person.id}
              now={now}
              revoking={revoking.has(grant.id)}
              onRevoke={() => void revoke(grant.id)}
            />
          ))}
        </ul>
      )}
    </main>
  );
}
