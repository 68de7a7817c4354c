import type { JsonObject } from '@countersign/shared/contracts';
import { type Mask, shownAt, tailOf, valueAt } from '@countersign/shared/plain';
import { Covered } from '../card/Covered.tsx';
import type { Looks } from '../card/looks.ts';
import { Value } from '../card/Value.tsx';
import { language } from '../words/say.ts';
import { atOf, labelsOf } from './table.ts';

type Props = { args: JsonObject; path: string; mask: Mask; looks: Looks };

/** A value of a batch, in its head or in a row: as a person reads it, or covered until it is asked for. */
export function CellValue({ args, path, mask, looks }: Props) {
  const at = atOf(path);
  const value = valueAt(args, at);
  if (!mask(at, value) || looks.uncovered.has(path)) return <Value shown={shownAt(args, at, language())} />;
  return (
    <Covered
      tail={tailOf(at, value)}
      label={labelsOf(path).join(' ')}
      onUncover={() => looks.uncover(path)}
    />
  );
}
