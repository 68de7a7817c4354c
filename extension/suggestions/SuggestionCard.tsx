import type { RunningPolicy, Suggestion } from '@countersign/shared/contracts';
import { countText, shareText } from '../insights/numbers.ts';
import type { Connection } from '../keep/items.ts';
import { say } from '../words/say.ts';
import { NamedCalls } from './NamedCalls.tsx';
import { Proposal } from './Proposal.tsx';
import type { Asked } from './use-suggestions.ts';

type Props = { connection: Connection; suggestion: Suggestion; policy: RunningPolicy | null; asked: Asked };

/** One threshold: what it would ask about, how that did on calls it was not found on, and how to put it into policy. */
export function SuggestionCard({ connection, suggestion, policy, asked }: Props) {
  const { tool, kind, condition, tried, test, examples, borne_out } = suggestion;
  const { gates, includes, low, skips, faults } = test;
  const title = say(`suggest_${kind}`, tool);
  return (
    <section class={`suggestion ${borne_out ? kind : 'refused'}`} aria-label={title}>
      <h2>{title}</h2>
      <p class="condition">
        {say('suggest_where')} <code>{condition}</code>
      </p>
      {!borne_out && <p class="refusal">{say('suggest_not_borne_out')}</p>}
      <table class="evidence">
        <caption>{say('suggest_tested', countText(gates.n), countText(tried))}</caption>
        <tbody>
          <Row head={say('evidence_gates')} k={gates.k} n={gates.n} note="" />
          <Row
            head={say('evidence_includes')}
            k={includes.k}
            n={includes.n}
            note={say('evidence_at_least', shareText(low))}
          />
          {faults.map(({ fault, k, n }) => (
            <Row key={fault} head={say('evidence_fault', say(`fault_${fault}`))} k={k} n={n} note="" inner />
          ))}
          <Row
            head={say('evidence_skips')}
            k={skips.calls}
            n={gates.n}
            note={say('evidence_at_most', shareText(skips.bound), skips.judged, skips.faulty)}
          />
        </tbody>
      </table>
      <NamedCalls connection={connection} title={say('named_included')} calls={examples.included} />
      <NamedCalls connection={connection} title={say('named_missed')} calls={examples.missed} />
      <NamedCalls connection={connection} title={say('named_others')} calls={examples.others} />
      {borne_out && (
        <Proposal connection={connection} suggestion={suggestion} policy={policy} asked={asked} />
      )}
    </section>
  );
}

type RowProps = { head: string; k: number; n: number; note: string; inner?: boolean };

function Row({ head, k, n, note, inner = false }: RowProps) {
  return (
    <tr class={inner ? 'inner' : undefined}>
      <th scope="row">{head}</th>
      <td class="count">{say('evidence_of', countText(k), countText(n))}</td>
      <td>{note}</td>
    </tr>
  );
}
