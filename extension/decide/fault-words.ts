/** What may be wrong with a planted request or a card of practice, in words. */
import type { Json, MutationKind } from '@countersign/shared/contracts';
import { revealedLine } from '@countersign/shared/plain';
import { say } from '../words/say.ts';

const kinds = {
  extra_zero: 'test_extra_zero',
  other_recipient: 'test_other_recipient',
  other_id: 'test_other_id',
  other_value: 'test_other_value',
} as const;

/** What was wrong, in a sentence. A kind that a newer server knows is some other value. */
export function faultWords(kind: MutationKind): string {
  return say(kinds[kind] ?? 'test_other_value');
}

/** A value as it stood in the payload, on one line, with whatever disguises it made visible. */
export function valueLine(value: Json | undefined): string {
  return revealedLine(typeof value === 'string' ? value : JSON.stringify(value));
}
