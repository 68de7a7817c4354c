import type { Batch, BatchRow } from '@countersign/shared/contracts';
import { spanText, titleText } from '@countersign/shared/plain';
import { useEffect, useState } from 'preact/hooks';
import { useLooks } from '../card/looks.ts';
import { Labels } from '../card/Payload.tsx';
import type { Connection } from '../keep/items.ts';
import { useNow } from '../surface/use-now.ts';
import { language, say } from '../words/say.ts';
import { CellValue } from './CellValue.tsx';
import { FateOf } from './FateOf.tsx';
import { isUndecided } from './marks.ts';
import { OpenedRow } from './OpenedRow.tsx';
import { argsOf, described, labelsOf } from './table.ts';
import type { BatchHandle } from './use-batch.ts';

type Props = {
  connection: Connection;
  batch: Batch;
  handle: BatchHandle;
  /** The row whose request is shown in place. */
  unfolded: string | null;
  onUnfold: (id: string | null) => void;
};

/** A line for each request, with the values that differ. Where there is room they stand in columns. */
export function BatchRows(props: Props) {
  const { batch, handle } = props;
  const undecided = batch.rows.filter(({ id }) => isUndecided(handle.marks, id));
  const all = undecided.length > 0 && undecided.every(({ id }) => handle.marks.chosen.has(id));
  return (
    <>
      <label class="choose-all">
        <input
          type="checkbox"
          checked={all}
          disabled={undecided.length === 0}
          onChange={() => handle.toggleAll()}
        />
        {say('batch_choose_all')}
      </label>
      <ul class="batch-rows" style={{ '--columns': batch.columns.length }}>
        {batch.columns.length > 0 && (
          <li class="batch-names" aria-hidden="true">
            <span />
            {batch.columns.map((path) => (
              <span key={path}>
                <Labels labels={labelsOf(path)} />
              </span>
            ))}
            <span />
          </li>
        )}
        {batch.rows.map((row) => (
          <Line key={row.id} row={row} {...props} />
        ))}
      </ul>
    </>
  );
}

function Line({ row, connection, batch, handle, unfolded, onUnfold }: Props & { row: BatchRow }) {
  const { marks } = handle;
  const now = useNow();
  const looks = useLooks();
  const [wanted, setWanted] = useState(false);
  const args = argsOf(batch, row);
  const { segments, mask } = described(batch, args, row.title, language());
  const title = titleText(segments);
  const isOpen = unfolded === row.id;
  const toOpen = row.must_open && !marks.opened.has(row.id);
  const undecided = isUndecided(marks, row.id);
  useEffect(() => {
    if (isOpen) setWanted(true);
  }, [isOpen]);
  const unfold = () => onUnfold(isOpen ? null : row.id);
  const left = row.expires_at === null ? null : Date.parse(row.expires_at) - now;

  return (
    <li
      id={`row-${row.id}`}
      data-id={row.id}
      class={`batch-row${marks.chosen.has(row.id) ? ' chosen' : ''}${undecided ? '' : ' over'}${toOpen ? ' to-open' : ''}`}
    >
      <input
        type="checkbox"
        aria-label={say('batch_choose', title)}
        checked={marks.chosen.has(row.id)}
        disabled={!undecided}
        onChange={() => handle.toggle(row.id)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.repeat) return;
          event.preventDefault();
          unfold();
        }}
      />
      {batch.columns.map((path) => (
        <span key={path} class="cell">
          <span class="name">
            <Labels labels={labelsOf(path)} />
          </span>
          <span class="value">
            <CellValue args={args} path={path} mask={mask} looks={looks} />
          </span>
        </span>
      ))}
      <span class="end">
        <FateOf fate={marks.fates.get(row.id)} me={connection.person.id} />
        {undecided && left !== null && (
          <small class={left < 60_000 ? 'soon' : ''}>{left <= 0 ? say('time_over') : spanText(left)}</small>
        )}
        <button
          type="button"
          class={toOpen ? 'open wanted' : 'open'}
          aria-expanded={isOpen}
          aria-label={say(
            isOpen ? 'batch_fold_label' : toOpen ? 'batch_open_first_label' : 'batch_open_label',
            title,
          )}
          onClick={unfold}
        >
          {say(isOpen ? 'batch_fold' : toOpen ? 'batch_open_first' : 'batch_open')}
        </button>
      </span>
      {wanted && isOpen && <OpenedRow connection={connection} row={row} handle={handle} />}
    </li>
  );
}
