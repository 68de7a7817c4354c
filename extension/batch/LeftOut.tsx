import type { Batch } from '@countersign/shared/contracts';
import { Plain } from '../card/Plain.tsx';
import { Title } from '../card/Title.tsx';
import { hashOf } from '../surface/route.ts';
import { language, say, sayCount } from '../words/say.ts';
import { described, labelsOf } from './table.ts';

/** What belongs to the group and is reviewed alone, and why. */
export function LeftOut({ batch }: { batch: Batch }) {
  const { left_out, left_out_total } = batch;
  if (left_out.length === 0) return null;
  return (
    <details class="left-out">
      <summary>{sayCount(left_out_total, 'batch_left_out_one', 'batch_left_out_many')}</summary>
      <ul>
        {left_out.map(({ id, title, why, path }) => (
          <li key={id}>
            <a href={hashOf({ kind: 'request', id, step: 'look' })}>
              <Title segments={described(batch, {}, title, language()).segments} />
            </a>
            <small class="why">
              {say(`batch_why_${why}`)}
              {path !== undefined && (
                <>
                  {': '}
                  <Plain text={labelsOf(path).join(' › ')} />
                </>
              )}
            </small>
          </li>
        ))}
      </ul>
    </details>
  );
}
