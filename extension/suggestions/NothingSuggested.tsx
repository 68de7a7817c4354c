import type { NoSuggestion } from '@countersign/shared/contracts';
import type { Connection } from '../keep/items.ts';
import { useStored } from '../keep/use-stored.ts';
import { say } from '../words/say.ts';
import { AuditOf } from './AuditOf.tsx';
import { auditsItem, changeAudits } from './audits.ts';

type Props = { connection: Connection; none: NoSuggestion; onRead: () => void };

/** Why nothing is suggested for a tool, and what would let something be said: an audit, which can be begun here. */
export function NothingSuggested({ connection, none, onRead }: Props) {
  const { tool, sentence, reading, audit, audit_entries, audited } = none;
  const kept = useStored(auditsItem)?.[tool];
  const begin = () => {
    const drawn = audit.map((id, index) => ({ id, entry: audit_entries[index] ?? 0 }));
    void changeAudits((audits) => ({ ...audits, [tool]: { begun: Date.now(), drawn, found: {} } }));
  };
  return (
    <section class="suggestion none" aria-label={say('suggest_none', tool)}>
      <h2>{say('suggest_none', tool)}</h2>
      <p>{sentence}</p>
      <p>
        <span class={`reading ${reading}`}>{say(`reading_${reading}`)}</span>{' '}
        <span class="hint">{say(`none_${reading}`)}</span>
      </p>
      {kept ? (
        <AuditOf connection={connection} tool={tool} audit={kept} counted={audited} onRead={onRead} />
      ) : (
        audit.length > 0 && (
          <div class="ways">
            <button type="button" onClick={begin}>
              {say('audit_begin', audit.length)}
            </button>
            <span class="hint">{say('audit_what')}</span>
          </div>
        )
      )}
    </section>
  );
}
