import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import { type Mask, shownAt, tailOf, valueAt, valueAtPath } from '@countersign/shared/plain';
import { type Confirmations, isConfirmed } from '../decide/friction.ts';
import { Difference } from '../edit/Difference.tsx';
import { language, say } from '../words/say.ts';
import { Covered } from './Covered.tsx';
import { mostRows, payloadRows } from './folds.ts';
import type { LaidRow } from './lay-out.ts';
import type { Looks } from './looks.ts';
import { PayloadTable } from './PayloadTable.tsx';
import { Plain } from './Plain.tsx';
import { Value } from './Value.tsx';

type Props = {
  args: JsonObject;
  /** Earlier arguments to compare with. */
  before?: JsonObject | undefined;
  friction: RequestView['friction'];
  confirmations: Confirmations;
  onConfirm: (next: Confirmations) => void;
  mask: Mask;
  looks: Looks;
};

/** What the tool will be called with, one line a value; what the tier asks to confirm is confirmed where it stands. */
export function Payload(props: Props) {
  const { args, before, friction, looks } = props;
  const rows = withFriction(payloadRows(args, before, language()), args, friction);
  if (rows.length === 0) return <p>{say('no_arguments')}</p>;
  const visible = looks.whole ? rows : rows.slice(0, mostRows);
  // Sums of money one above the other end at one edge.
  const sums = rows.flatMap(({ shown }) => (shown.kind === 'money' ? [shown.text.length] : []));
  const widest = sums.length > 1 ? Math.max(...sums) : 0;
  return (
    <>
      <dl class="payload" style={{ '--money': `${widest}ch` }}>
        {visible.map((row) => (
          <Line key={`${row.path}${row.gone ? ' gone' : ''}`} row={row} {...props} />
        ))}
      </dl>
      {visible.length < rows.length && (
        <button type="button" class="link" onClick={looks.showWhole}>
          {say('show_all_lines', rows.length - visible.length)}
        </button>
      )}
    </>
  );
}

function Line({
  row,
  args,
  before,
  friction,
  confirmations,
  onConfirm,
  mask,
  looks,
}: Props & { row: LaidRow }) {
  const asked = friction.kind !== 'none' && friction.paths.includes(row.path);
  const value = valueAt(row.gone ? before : args, row.at);
  const covered = mask(row.at, value) && !looks.uncovered.has(row.path);
  const wide = !covered && (row.table !== undefined || isWide(row));
  return (
    <div class={`line${asked ? ' checked-line' : ''}${wide ? ' wide' : ''}`}>
      <dt>
        <Labels labels={row.labels} />
      </dt>
      <dd>
        {covered ? (
          <Covered
            tail={tailOf(row.at, value)}
            label={row.labels.join(' ')}
            confirm={asked ? row.path : undefined}
            onUncover={() => looks.uncover(row.path)}
          />
        ) : row.table ? (
          <PayloadTable table={row.table} path={row.path} args={args} mask={mask} looks={looks} />
        ) : row.before === undefined ? (
          <Value
            shown={row.shown}
            fold={{
              open: looks.whole || looks.unfolded.has(row.path),
              onOpen: () => looks.unfold(row.path),
            }}
          />
        ) : (
          <Difference before={row.before} after={row.gone ? null : row.shown} />
        )}
        {asked && !covered && (
          <Confirm
            path={row.path}
            args={args}
            friction={friction}
            confirmations={confirmations}
            onConfirm={onConfirm}
          />
        )}
      </dd>
    </div>
  );
}

/** What needs the whole width: texts of several lines, code, and what was beside what is to be. */
function isWide({ shown, before }: LaidRow): boolean {
  if (before?.kind === 'text' && before.text.length > 80) return true;
  if (shown.kind === 'code') return shown.text.length > 32 || shown.text.includes('\n');
  return shown.kind === 'text' && (shown.text.length > 160 || shown.text.includes('\n'));
}

/** Keys of the arguments are the agent's text as well. */
export function Labels({ labels }: { labels: string[] }) {
  return (
    <>
      {labels.map((label, i) => (
        <span key={i} class={i < labels.length - 1 ? 'outer' : undefined}>
          <Plain text={label} />
          {i < labels.length - 1 ? ' › ' : ''}
        </span>
      ))}
    </>
  );
}

type ConfirmProps = Pick<Props, 'args' | 'friction' | 'confirmations' | 'onConfirm'> & { path: string };

function Confirm({ path, args, friction, confirmations, onConfirm }: ConfirmProps) {
  const id = `confirm-${path}`;
  const done = isConfirmed(friction, args, confirmations, path);
  if (friction.kind === 'acknowledge') {
    return (
      <label class={done ? 'confirm done' : 'confirm'} data-confirm={path}>
        <input
          type="checkbox"
          checked={confirmations.ticked[path] === true}
          onChange={(event) =>
            onConfirm({
              ...confirmations,
              ticked: { ...confirmations.ticked, [path]: event.currentTarget.checked },
            })
          }
        />
        {say('confirm_tick')}
      </label>
    );
  }
  return (
    <span class={done ? 'confirm done' : 'confirm'} data-confirm={path}>
      <label for={id}>{say('confirm_type')}</label>
      <input
        id={id}
        type="text"
        autocomplete="off"
        spellcheck={false}
        value={confirmations.typed[path] ?? ''}
        // Pasting the value back confirms nothing about having read it.
        onPaste={(event) => event.preventDefault()}
        onDrop={(event) => event.preventDefault()}
        onInput={(event) =>
          onConfirm({
            ...confirmations,
            typed: { ...confirmations.typed, [path]: event.currentTarget.value },
          })
        }
      />
      <span aria-live="polite">{done ? say('confirm_matches') : ''}</span>
    </span>
  );
}

/** A path that the tier asks for and that is no line of its own, such as an object, gets one. */
function withFriction(rows: LaidRow[], args: JsonObject, friction: RequestView['friction']): LaidRow[] {
  const present = new Set(rows.map((row) => row.path));
  const extra = friction.paths
    .filter((path) => !present.has(path) && valueAtPath(args, path) !== undefined)
    .map((path): LaidRow => {
      const at = path.split('.');
      return { at, path, labels: at, shown: shownAt(args, at, language()) };
    });
  // What has to be confirmed may not hide below the fold.
  const asked = new Set(friction.paths);
  const all = [...rows, ...extra];
  return all.length <= mostRows
    ? all
    : [...all.filter((row) => asked.has(row.path)), ...all.filter((row) => !asked.has(row.path))];
}
