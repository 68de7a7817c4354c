import type { Estimate, FigureRow } from '@countersign/shared/contracts';
import { Tier } from '../card/Tier.tsx';
import { say } from '../words/say.ts';
import { countText, notSaid, shareText, timesText, timeText } from './numbers.ts';
import { axisFrom, RateBar } from './RateBar.tsx';
import { Reading, toneOf } from './Reading.tsx';

type Props = { rows: readonly FigureRow[]; onBehind: (address: string) => void };

/** A line for each tool and rule: how much is approved, whether there was time to read it, and what that means. */
export function FigureTable({ rows, onBehind }: Props) {
  const from = axisFrom(rows.map(({ approval }) => approval));
  const heads = [
    say('figure_what'),
    say('figure_decided'),
    say('figure_approved', shareText(from)),
    say('figure_took'),
    say('figure_too_fast'),
    say('figure_timed_out'),
    say('figure_canaries'),
    say('figure_reading'),
  ];
  return (
    <table class="figures">
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.tool} ${row.rule} ${row.tier} ${row.team}`}>
            <th scope="row">
              <span class="tool">{row.tool}</span> <span>{row.rule ?? say('figure_default')}</span>
              <span class="where">
                {row.tier && <Tier tier={row.tier} />} {row.team}
              </span>
            </th>
            <td data-head={heads[1]}>
              <Counted count={row.requests.decided} address={row.links.requests} onBehind={onBehind} />
            </td>
            <td data-head={heads[2]}>
              <RateBar rate={row.approval} from={from} tone={toneOf(row.reading)} />
            </td>
            <td data-head={heads[3]}>
              {row.time.enough ? timeText(row.time.median) : <i>{notSaid(row.time)}</i>}
              {row.pace.enough && <small>{say('figure_pace', timesText(row.pace.median))}</small>}
            </td>
            <td data-head={heads[4]}>
              <Share of={row.too_fast} />
            </td>
            <td data-head={heads[5]}>
              <Share of={row.timeouts} address={row.links.timed_out} onBehind={onBehind} />
            </td>
            <td data-head={heads[6]}>
              <Caught row={row} />
            </td>
            <td data-head={heads[7]}>
              <Reading reading={row.reading} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type CountedProps = { count: number; address: string | undefined; onBehind: (address: string) => void };

function Counted({ count, address, onBehind }: CountedProps) {
  if (address === undefined) return <>{countText(count)}</>;
  return (
    <button type="button" class="link" title={say('figure_behind')} onClick={() => onBehind(address)}>
      {countText(count)}
    </button>
  );
}

type ShareProps = { of: Estimate; address?: string | undefined; onBehind?: (address: string) => void };

function Share({ of, address, onBehind }: ShareProps) {
  if (!of.enough) return <i>{notSaid(of)}</i>;
  return (
    <>
      {shareText(of.rate)}{' '}
      <small>
        {address !== undefined && onBehind ? (
          <button type="button" class="link" title={say('figure_behind')} onClick={() => onBehind(address)}>
            {say('figure_of', of.k, of.n)}
          </button>
        ) : (
          say('figure_of', of.k, of.n)
        )}
      </small>
    </>
  );
}

function Caught({ row: { catches } }: { row: FigureRow }) {
  if (catches.enough) return <>{say('figure_of', catches.k, catches.n)}</>;
  return <i>{'n' in catches && catches.n === 0 ? say('figure_no_canaries') : notSaid(catches)}</i>;
}
