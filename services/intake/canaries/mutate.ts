/**
 * One thing wrong with a call that was right: what a careful reader catches, because what else the request says
 * contradicts it. What stands there instead is made up and nobody's, so that it would be inert even outside. Pure.
 */
import { type Call, difficultyOf, withValue } from '@countersign/shared/canaries';
import type { Json, JsonObject, MutationKind } from '@countersign/shared/contracts';
import type { Difficulty } from '@countersign/shared/request';
import { amountsOf } from '../batch/amounts.ts';
import { type Cell, cellsOf, wordsOf } from '../batch/cells.ts';

/** A number in [0, 1). */
export type Draw = () => number;

export type Mutation = {
  kind: MutationKind;
  /** Dotted path. */
  path: string;
  args: JsonObject;
  /** What stands there now, and what stood there. */
  wrong: Json;
  right: Json;
  difficulty: Difficulty;
};

/** Names of values that say which one is meant: a customer, an order, an account. */
const naming = /(^|_)(ids?|ref|reference|number|no|account|iban|card|order|customer|user|invoice|ticket)$/;
const address = /^[^\s@<>"',;]{4,64}@[^\s@<>"',;]+\.[a-z]{2,}$/i;

/** Everything that could be wrong with this call and would show. `draw` chooses what the wrong values are. */
export function mutationsOf(call: Call, draw: Draw): Mutation[] {
  const cells = cellsOf(call.args);
  const amounts = new Set(amountsOf(cells).map(({ path }) => path));
  return cells.flatMap((cell) => {
    const { path: pointer, value: right } = cell;
    const [kind, wrong] = wrongFor(cell, amounts.has(pointer), draw) ?? [];
    const path = dotted(pointer);
    if (kind === undefined || wrong === undefined || path === undefined || wrong === right) return [];
    const difficulty = difficultyOf(call, path, right, wrong);
    if (difficulty === undefined) return [];
    return [{ kind, path, args: withValue(call.args, path.split('.'), wrong), wrong, right, difficulty }];
  });
}

function wrongFor({ name, value }: Cell, isAmount: boolean, draw: Draw): [MutationKind, Json] | undefined {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : undefined;
  if (text === undefined) return undefined;
  const wrote = (said: string | undefined): Json | undefined =>
    said === undefined ? undefined : typeof value === 'number' ? Number(said) : said;
  const made = (kind: MutationKind, said: Json | undefined): [MutationKind, Json] | undefined =>
    said === undefined ? undefined : [kind, said];
  if (isAmount) return made('extra_zero', wrote(withZero(text)));
  if (typeof value === 'string' && address.test(value)) return made('other_recipient', withSlip(value, draw));
  return naming.test(wordsOf(name)) ? made('other_id', wrote(withOtherDigits(text, draw))) : undefined;
}

/** `120.50` becomes `1200.50`. Of what is no plain amount, and of nothing, nothing. */
function withZero(text: string): string | undefined {
  const [, whole, rest] = /^([1-9]\d{0,8})(\.\d{1,2})?$/.exec(text) ?? [];
  return whole === undefined ? undefined : `${whole}0${rest ?? ''}`;
}

/** Two letters of the mailbox change places, as they do for whoever types. The host stays: nobody else's is named. */
function withSlip(text: string, draw: Draw): string | undefined {
  const at = text.indexOf('@');
  const places = Array.from({ length: at - 2 }, (_, index) => index + 1).filter((index) => {
    const [one = '', two = ''] = [text[index], text[index + 1]];
    return one !== two && /[a-z]/i.test(one) && /[a-z]/i.test(two);
  });
  const place = places[Math.floor(draw() * places.length)];
  if (place === undefined) return undefined;
  return text.slice(0, place) + text[place + 1] + text[place] + text.slice(place + 2);
}

/** Two digits behind the first are others; at least four are needed, so that it is one of many and not page 2. */
function withOtherDigits(text: string, draw: Draw): string | undefined {
  const digits = [...text.matchAll(/\d/g)].map(({ index }) => index);
  if (digits.length < 4) return undefined;
  const changed = [...text];
  const places = digits.slice(1);
  for (let left = 2; left > 0; left--) {
    const [place = 0] = places.splice(Math.floor(draw() * places.length), 1);
    changed[place] = String((Number(changed[place]) + 1 + Math.floor(draw() * 9)) % 10);
  }
  return changed.join('');
}

/** A JSON Pointer as a dotted path; undefined where a key has a dot in it, or stands in a list. */
function dotted(pointer: string): string | undefined {
  const keys = pointer.split('/').slice(1);
  return keys.some((key) => /[.~]|^\d+$/.test(key)) ? undefined : keys.join('.');
}
