import { Plain } from '../card/Plain.tsx';
import { Tier } from '../card/Tier.tsx';
import { Title } from '../card/Title.tsx';
import { hashOf } from '../surface/route.ts';
import { language, say } from '../words/say.ts';
import type { Found } from './found.ts';
import { whenText, wholeWhenText } from './when.ts';

type Props = {
  found: Found;
  me: string;
  now: number;
  /** The one line that the Tab key reaches. */
  current: boolean;
};

/** One line: what it was, what became of it, and below who asked and when. All of it is a link to the card. */
export function HistoryRow({ found, me, now, current }: Props) {
  const at = Date.parse(found.created_at);
  return (
    <a
      href={hashOf({ kind: 'request', id: found.id, step: 'look' })}
      tabIndex={current ? 0 : -1}
      data-id={found.id}
    >
      <span class="title">
        <Title segments={found.title} />
      </span>
      <span class={`became ${found.status}`}>{became(found)}</span>
      <span class="who">
        <Tier tier={found.tier} />
        <span class="names">
          <Plain text={found.agent} /> · <Plain text={found.tool} />
          {found.by.length > 0 && ` · ${by(found, me)}`}
        </span>
      </span>
      <time dateTime={found.created_at} title={wholeWhenText(at, language())}>
        {whenText(at, now, language())}
      </time>
    </a>
  );
}

function became({ status, edited }: Found): string {
  return say(edited && status === 'approved' ? 'became_edited' : `became_${status}`);
}

function by({ by: people }: Found, me: string): string {
  return say('history_by', people.map((who) => (who === me ? say('you') : who)).join(', '));
}
