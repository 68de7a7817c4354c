import type { Batch } from '@countersign/shared/contracts';
import { fallbackTitle, titleText } from '@countersign/shared/plain';
import { useLooks } from '../card/looks.ts';
import { Labels } from '../card/Payload.tsx';
import { Plain } from '../card/Plain.tsx';
import { Tier } from '../card/Tier.tsx';
import { language, say } from '../words/say.ts';
import { CellValue } from './CellValue.tsx';
import { argsOf, described, labelsOf, sumText } from './table.ts';

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
        {common.map(({ path }) => (
          <div key={path}>
            <dt>
              <Labels labels={labelsOf(path)} />
            </dt>
            <dd>
              <CellValue args={args} path={path} mask={mask} looks={looks} />
            </dd>
          </div>
        ))}
        <div>
          <dt>{say('fact_reversible')}</dt>
          <dd>{compensation === undefined ? say('yes') : say('reversible_by', compensation)}</dd>
        </div>
      </dl>
    </div>
  );
}
