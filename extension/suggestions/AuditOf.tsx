import type { NoSuggestion } from '@countersign/shared/contracts';
import { useState } from 'preact/hooks';
import { shareText } from '../insights/numbers.ts';
import type { Connection } from '../keep/items.ts';
import { hashOf } from '../surface/route.ts';
import { say } from '../words/say.ts';
import { type Audit, changeAudits, type Drawn } from './audits.ts';
import { SealedCall } from './SealedCall.tsx';

type Props = {
  connection: Connection;
  tool: string;
  audit: Audit;
  /** What the last answer counted of it. */
  counted: NoSuggestion['audited'];
  onRead: () => void;
};

/** An audit under way: the calls that were drawn, one after the other, each found right or wrong by whoever looks. */
export function AuditOf({ connection, tool, audit, counted, onRead }: Props) {
  const { drawn, found } = audit;
  const [open, setOpen] = useState<string | null>(null);
  const looked = drawn.filter(({ id }) => found[id] !== undefined);
  const wrong = looked.filter(({ id }) => found[id] === 'wrong').length;
  const shown = open ?? drawn.find(({ id }) => found[id] === undefined)?.id ?? null;
  const note = (id: string, what: 'right' | 'wrong') => {
    setOpen(null);
    void changeAudits((audits) => {
      const now = audits[tool];
      return now ? { ...audits, [tool]: { ...now, found: { ...now.found, [id]: what } } } : audits;
    });
  };
  const end = () => void changeAudits(({ [tool]: _, ...others }) => others);
  return (
    <section class="audit" aria-label={say('audit_title', tool)}>
      <p role="status">
        <progress value={looked.length} max={drawn.length} aria-label={say('audit_title', tool)} />{' '}
        {say('audit_progress', looked.length, drawn.length, wrong)}
      </p>
      <ol>
        {drawn.map((one) => (
          <Looked
            key={one.id}
            connection={connection}
            one={one}
            found={found[one.id]}
            open={one.id === shown}
            onOpen={() => setOpen(one.id)}
            onFound={(what) => note(one.id, what)}
          />
        ))}
      </ol>
      <div class="ways">
        <button type="button" class="primary" disabled={looked.length === 0} onClick={onRead}>
          {say('audit_use')}
        </button>
        <button type="button" class="link" onClick={end}>
          {say('audit_end')}
        </button>
      </div>
      {counted.n > 0 && <p>{say('audit_bound', counted.n, counted.wrong, shareText(counted.bound))}</p>}
    </section>
  );
}

type LookedProps = {
  connection: Connection;
  one: Drawn;
  found: 'right' | 'wrong' | undefined;
  open: boolean;
  onOpen: () => void;
  onFound: (what: 'right' | 'wrong') => void;
};

function Looked({ connection, one, found, open, onOpen, onFound }: LookedProps) {
  if (!open)
    return (
      <li class="folded">
        <button type="button" class="link" onClick={onOpen}>
          {one.id}
        </button>{' '}
        {found && <span class={`fault ${found}`}>{say(`audit_${found}`)}</span>}
      </li>
    );
  return (
    <li>
      <a href={hashOf({ kind: 'request', id: one.id, step: 'look' })}>{one.id}</a>
      <SealedCall connection={connection} entry={one.entry} />
      <div class="ways">
        <button type="button" onClick={() => onFound('right')}>
          {say('audit_right')}
        </button>
        <button type="button" class="reject" onClick={() => onFound('wrong')}>
          {say('audit_wrong')}
        </button>
      </div>
    </li>
  );
}
