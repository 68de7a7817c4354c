/** Why a person is asked, as a letter says it. Pure. */
import type { RequestView } from '@countersign/shared/contracts';
import { coveredIn, fillIn, limitSentence, type Mask } from '@countersign/shared/plain';
import type { Block, Part } from './letter.ts';
import { contextMask, covered } from './letter-values.ts';

/** Each rule that asked, its condition with the values that it saw, what it has to say. */
export function whyOf(request: RequestView, mask: Mask): Block {
  const hits = request.why.filter(({ effect }) => effect !== 'allow');
  if (hits.length === 0) {
    const rules = request.rules.join(', ') || 'policy’s default';
    const message = request.message === null ? [] : [[request.message]];
    return {
      kind: 'notes',
      title: 'Why a person is asked',
      notes: [['Because of ', { value: rules }], ...message],
    };
  }
  const notes = hits.flatMap((hit): Part[][] => [
    [
      'Because of ',
      { value: hit.name },
      ...(hit.when === undefined ? [] : [': ', ...conditionOf(hit.when, hit.values, mask)]),
    ],
    ...(hit.error === undefined
      ? []
      : [[`The condition could not be evaluated, so a person looks: ${hit.error}`]]),
    ...(hit.exceeded ?? []).map((limit): Part[] => [{ value: limitSentence(limit) }]),
    ...(hit.message === undefined ? [] : [[hit.message]]),
  ]);
  return { kind: 'notes', title: 'Why a person is asked', notes };
}

function conditionOf(when: string, values: Record<string, unknown> | undefined, mask: Mask): Part[] {
  return fillIn(when, values).flatMap((piece): Part[] => {
    if ('text' in piece) return [piece.text];
    const hides =
      coveredIn(piece.of === 'context' ? contextMask(mask) : mask, piece.at, piece.raw).length > 0;
    return [`${piece.name} (`, { value: hides ? covered : piece.value }, ')'];
  });
}
