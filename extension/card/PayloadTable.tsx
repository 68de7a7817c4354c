import type { JsonObject } from '@countersign/shared/contracts';
import { type Mask, tailOf, valueAt } from '@countersign/shared/plain';
import { say } from '../words/say.ts';
import { Covered } from './Covered.tsx';
import { mostTableRows } from './folds.ts';
import type { Looks } from './looks.ts';
import { Plain } from './Plain.tsx';
import type { Cell, Table } from './table.ts';
import { Value } from './Value.tsx';

type Props = { table: Table; path: string; args: JsonObject; mask: Mask; looks: Looks };

/** A list of like things, one a line, with the sum of what is money. */
export function PayloadTable({ table, path, args, mask, looks }: Props) {
  const open = looks.whole || looks.unfolded.has(path);
  const rows = open ? table.rows : table.rows.slice(0, mostTableRows);
  return (
    <>
      {/* A wide table scrolls by itself. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, nobody scrolls it by keyboard (WCAG 2.1.1). */}
      <section class="scroll" aria-label={say('table')} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column.key} scope="col" class={column.numeric ? 'numeric' : undefined}>
                  <Plain text={column.label} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={i}>
                {row.map((cell, column) => (
                  <td key={column} class={table.columns[column]?.numeric ? 'numeric' : undefined}>
                    {cell && <Shown cell={cell} args={args} mask={mask} looks={looks} />}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          {table.totals && (
            <tfoot>
              <tr>
                {table.totals.map((total, column) => (
                  <td key={column} class="numeric">
                    {total !== null && (
                      <>
                        <span class="aside">{say('table_sum')} </span>
                        <span aria-hidden="true">Σ </span>
                        {total}
                      </>
                    )}
                  </td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </section>
      {rows.length < table.rows.length && (
        <button type="button" class="link more" onClick={() => looks.unfold(path)}>
          {say('show_all_items', table.rows.length)}
        </button>
      )}
    </>
  );
}

function Shown({ cell, args, mask, looks }: { cell: Cell } & Pick<Props, 'args' | 'mask' | 'looks'>) {
  const value = valueAt(args, cell.at);
  if (!mask(cell.at, value) || looks.uncovered.has(cell.path)) return <Value shown={cell.shown} />;
  const label = cell.at.join(' ');
  return <Covered tail={tailOf(cell.at, value)} label={label} onUncover={() => looks.uncover(cell.path)} />;
}
