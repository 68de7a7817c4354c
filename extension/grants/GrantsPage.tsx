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
  const { grants, revoking, trouble, reload, revoke } = useGrants(connection);
  const now = useNow();
  useKeys({ Escape: () => go({ kind: 'queue' }) });
  const inForce = (grants ?? []).filter(({ expires_at }) => Date.parse(expires_at) > now);
  return (
    <main class="grants" tabIndex={-1}>
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
      {grants && inForce.length === 0 && (
        <div class="blank" role="status">
          <p class="big">{say('grants_none')}</p>
          <p>{say('grants_none_hint')}</p>
        </div>
      )}
      {inForce.length > 0 && (
        <ul>
          {inForce.map((grant) => (
            <GrantRow
              key={grant.id}
              grant={grant}
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
