import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import { type Confirmations, isConfirmed } from '../decide/friction.ts';
import { type ComparedRow, compareRows } from '../edit/changes.ts';
import { Difference } from '../edit/Difference.tsx';
import { language, say } from '../words/say.ts';
import { valueAtPath } from './at.ts';
import { Plain } from './Plain.tsx';
import { shownAt } from './rows.ts';
import { Value } from './Value.tsx';

/** More lines than this wait for a click, and the approval waits with them (law 6). */
export const mostRows = 60;

type Props = {
  args: JsonObject;
  /** Earlier arguments to compare with. */
  before?: JsonObject | undefined;
  friction: RequestView['friction'];
  confirmations: Confirmations;
  onConfirm: (next: Confirmations) => void;
  /** All lines are wanted, however many. */
  whole: boolean;
  onWhole: () => void;
};

/** What the tool will be called with, one line a value; what the tier asks to confirm is confirmed where it stands. */
export function Payload({ args, before, friction, confirmations, onConfirm, whole, onWhole }: Props) {
  const rows = withFriction(compareRows(args, before, language()), args, friction);
  if (rows.length === 0) return <p class="empty-payload">{say('no_arguments')}</p>;
  const visible = whole ? rows : rows.slice(0, mostRows);
  return (
    <>
      <dl class="payload">
        {visible.map((row) => (
          <div key={row.path} class={friction.paths.includes(row.path) ? 'line checked-line' : 'line'}>
            <dt>
              <Labels labels={row.labels} />
            </dt>
            <dd>
              {row.before === undefined ? (
                <Value shown={row.shown} />
              ) : (
                <Difference before={row.before} after={row.gone ? null : row.shown} />
              )}
              {friction.kind !== 'none' && friction.paths.includes(row.path) && (
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
        ))}
      </dl>
      {visible.length < rows.length && (
        <button type="button" class="link" onClick={onWhole}>
          {say('show_all_lines', rows.length - visible.length)}
        </button>
      )}
    </>
  );
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
      <span class="state" aria-live="polite">
        {done ? say('confirm_matches') : ''}
      </span>
    </span>
  );
}

/** A path that the tier asks for and that is no line of its own, such as an object, gets one. */
function withFriction(
  rows: ComparedRow[],
  args: JsonObject,
  friction: RequestView['friction'],
): ComparedRow[] {
  const present = new Set(rows.map((row) => row.path));
  const extra = friction.paths
    .filter((path) => !present.has(path) && valueAtPath(args, path) !== undefined)
    .map((path): ComparedRow => {
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
