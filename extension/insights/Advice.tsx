import type { FigureRow } from '@countersign/shared/contracts';
import { say } from '../words/say.ts';
import { rangeText } from './numbers.ts';

/** What a lead may want to do about rows that say something, in plain words. Nothing is done by itself. */
export function Advice({ rows }: { rows: readonly FigureRow[] }) {
  const worth = rows.filter(({ nearly_all }) => nearly_all).slice(0, 3);
  return (
    <>
      {worth.map((row) => {
        const { reading, because, how } = row.reading;
        if (!row.approval.enough) return null;
        const { k, n, low, high } = row.approval;
        const name = `${row.tool ?? ''} · ${row.rule ?? say('figure_default')}`;
        return (
          <aside key={name} class={`advice ${reading}`}>
            <p class="big">{say(`advice_${reading}`, name)}</p>
            <p>
              {say('advice_counts', k, n, rangeText(low, high))} {say(`because_${because}`)}{' '}
              {how && how !== 'unknown' && `${say(`how_${how}`)} `}
              {say(`advice_next_${reading}`)}
            </p>
          </aside>
        );
      })}
    </>
  );
}
