import type { Simulation } from '@countersign/shared/contracts';
import { Tier } from '../card/Tier.tsx';
import { countText, shareText } from '../insights/numbers.ts';
import type { Connection } from '../keep/items.ts';
import { say } from '../words/say.ts';
import { NamedCalls } from './NamedCalls.tsx';

type Props = { connection: Connection; simulation: Simulation; name: string | undefined };

/** What the whole policy would have answered with the rule in force: tier by tier, what was wrong, who would be affected. */
export function Backtested({ connection, simulation, name }: Props) {
  const { actions, left_out, asked, tiers, faults, unasked, changes, shadow } = simulation;
  const known = faults.flatMap(({ fault, ...count }) =>
    fault === 'any' || count.n === 0 ? [] : [{ fault, ...count }],
  );
  const recorded = shadow.find(({ rule }) => rule === name)?.recorded ?? 0;
  const title = say('backtest_title', countText(actions));
  return (
    <section class="backtested" aria-label={title}>
      <h3>{title}</h3>
      <table class="evidence">
        <thead>
          <tr>
            <td />
            <th scope="col">{say('backtest_was')}</th>
            <th scope="col">{say('backtest_would')}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{say('backtest_asked')}</th>
            <td class="count">{ofAll(asked.was)}</td>
            <td class="count">{ofAll(asked.would)}</td>
          </tr>
          {tiers
            .filter(({ was, would }) => was + would > 0)
            .map(({ tier, was, would }) => (
              <tr key={tier} class="inner">
                <th scope="row">
                  <Tier tier={tier} />
                </th>
                <td class="count">{countText(was)}</td>
                <td class="count">{countText(would)}</td>
              </tr>
            ))}
          {known.map(({ fault, n, was, would, low }) => (
            <tr key={fault}>
              <th scope="row">{say('backtest_stopped', say(`fault_${fault}`))}</th>
              <td class="count">{say('evidence_of', countText(was), countText(n))}</td>
              <td class="count">
                {say('evidence_of', countText(would), countText(n))}{' '}
                {low !== null && <small>{say('evidence_at_least', shareText(low))}</small>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {unasked.actions > 0 && (
        <p>
          {say(
            'backtest_unasked',
            countText(unasked.actions),
            countText(unasked.judged),
            countText(unasked.faulty),
            shareText(unasked.bound),
          )}
        </p>
      )}
      {known.length === 0 && <p class="refusal">{say('backtest_no_faults')}</p>}
      {recorded > 0 && <p>{say('backtest_recorded', countText(recorded))}</p>}
      {left_out.erased + left_out.planted > 0 && (
        <p class="hint">{say('backtest_left_out', left_out.erased, left_out.planted)}</p>
      )}
      {changes.length === 0 && <p>{say('backtest_same')}</p>}
      {changes.map(({ was, would, actions: n, faulty, examples }) => (
        <NamedCalls
          key={`${was.effect} ${was.tier} ${would.effect} ${would.tier}`}
          connection={connection}
          title={say('backtest_change', countText(n), answerText(was), answerText(would), countText(faulty))}
          calls={examples}
        />
      ))}
    </section>
  );
}

function ofAll({ k, n, share }: Simulation['asked']['was']): string {
  const counted = say('evidence_of', countText(k), countText(n));
  return share === null ? counted : `${counted} (${shareText(share)})`;
}

/** A call that runs has no tier, and a denied one needs none. */
function answerText({ effect, tier }: Simulation['changes'][number]['was']): string {
  const text = say(`effect_${effect}`);
  return effect === 'allow' || effect === 'deny' ? text : `${text} (${tier})`;
}
