import type { Batch } from '@countersign/shared/contracts';
import { fallbackTitle, shownAt, tailOf, titleText, valueAt } from '@countersign/shared/plain';
import { Covered } from '../card/Covered.tsx';
import { useLooks } from '../card/looks.ts';
import { Labels } from '../card/Payload.tsx';
import { Plain } from '../card/Plain.tsx';
import { Tier } from '../card/Tier.tsx';
import { Value } from '../card/Value.tsx';
import { language, say } from '../words/say.ts';
import { argsOf, atOf, described, labelsOf, sumText } from './table.ts';

/** What all rows share: agent, tool and why they wait; the values that are equal; and what all of them add up to. */
export function BatchHead({ batch }: { batch: Batch }) {
  const { agent, tool, rows, rules, message, common, amounts, compensation } = batch;
  const args = argsOf(batch);
  const { mask } = described(batch, args, undefined, language());
  const looks = useLooks();
  return (
    <div class="batch-head">
      <div class="meta">
        <Tier tier="low" />
        <span class="who">
          <Plain text={agent} />
        </span>
        <span class="left">{say('batch_because', rules.join(', '))}</span>
      </div>
      <h1 id="batch-title">
        {say('batch_title', rows.length, titleText(fallbackTitle(tool, {}, language())))}
      </h1>
      {message !== null && (
        <p class="batch-message">
          <Plain text={message} />
        </p>
      )}
      <dl class="batch-common">
        {amounts.map(({ path, currency, total }) => (
          <div key={path} class="sum">
            <dt>{say('batch_sum', labelsOf(path).join(' › '))}</dt>
            <dd>{sumText(total, currency, language())}</dd>
          </div>
        ))}
        {common.map(({ path }) => {
          const at = atOf(path);
          const value = valueAt(args, at);
          return (
            <div key={path}>
              <dt>
                <Labels labels={labelsOf(path)} />
              </dt>
              <dd>
                {mask(at, value) && !looks.uncovered.has(path) ? (
                  <Covered
                    tail={tailOf(at, value)}
                    label={labelsOf(path).join(' ')}
                    onUncover={() => looks.uncover(path)}
                  />
                ) : (
                  <Value shown={shownAt(args, at, language())} />
                )}
              </dd>
            </div>
          );
        })}
        <div>
          <dt>{say('fact_reversible')}</dt>
          <dd>{compensation === undefined ? say('yes') : say('reversible_by', compensation)}</dd>
        </div>
      </dl>
    </div>
  );
}
