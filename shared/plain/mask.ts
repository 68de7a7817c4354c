import type { Json, RequestView } from '@countersign/shared/contracts';
import type { At } from './at.ts';
import { isPlainList } from './rows.ts';

/** Says whether the value at a place is kept covered until the reviewer asks for it. */
export type Mask = (at: At, value: Json | undefined) => boolean;

/** For what has nothing to hide: a comparison without a request, a test. */
export const noMask: Mask = () => false;

type Described = Pick<RequestView, 'card' | 'friction' | 'tool_facts'>;

/** Words that say what a value is, in the parts of a key: `db_password`, `clientSecret`, `card-number`. */
const secretWords =
  /(^|_)(passwords?|passwd|pwd|passphrase|secrets?|api_?keys?|apikeys?|private_?keys?|access_?keys?|credentials?|authorization|cookies?|card_?(no|number)|pan|cvv|cvc|iban|ssn|social_security(_number)?|tax_id|otp|pin)$/;
/** A token is a text: `max_tokens: 500` and `token: 3` are counts. */
const tokenWord = /(^|_)tokens?$/;
/** Texts that are secrets whatever they are called: a private key, a JWT, keys that vendors give a prefix. */
const secretTexts =
  /^(-----BEGIN [A-Z ]*PRIVATE KEY-----|eyJ[\w-]{8,}\.[\w-]{8,}\.|(AKIA|ASIA)[0-9A-Z]{16}$|gh[pousr]_\w{20,}|sk-[\w-]{20,}|xox[abprs]-[\w-]{10,}|cs_\w+_\w{32,}$)/;

/**
 * What of a request is covered. Policy's own list (`mask` of a tool) is the whole of it, and a path covers all below
 * it. Where policy says nothing, what is called a password, token, secret, key, card number, IBAN or the like is,
 * except what policy itself puts into the card's sentence, and an account or card whose number is to be confirmed.
 */
export function maskOf({ card, friction, tool_facts }: Described): Mask {
  const listed = tool_facts.mask;
  if (listed) return (at) => listed.some((path) => covers(path, at));
  const wanted = new Set(friction.paths.filter((path) => isAccount(path.split('.'))));
  for (const segment of card?.title ?? []) if ('path' in segment) wanted.add(segment.path);
  return (at, value) => !isBlank(value) && !wanted.has(at.join('.')) && looksSecret(at, value);
}

/**
 * The places in a value that are covered, by the lines in which a payload shows it: itself, or some of what lies in it.
 * Whoever shows the value as one piece shows it only where there are none, or where all of them were asked for.
 */
export function coveredIn(mask: Mask, at: At, value: Json | undefined): At[] {
  if (mask(at, value)) return [at];
  if (typeof value !== 'object' || value === null || isPlainList(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => coveredIn(mask, [...at, key], inner));
}

/** The last four characters, where they tell which card or account it is without giving it away. */
export function tailOf(at: At, value: Json | undefined): string {
  if (!isAccount(at)) return '';
  const text = String(value).replaceAll(/\s/g, '');
  return /^[A-Za-z0-9]{12,}$/.test(text) ? text.slice(-4) : '';
}

/** A number that names an account or a card: private, and yet what a reviewer may have to compare. */
function isAccount(at: At): boolean {
  return /(^|_)(iban|card_?(no|number)|pan)$/.test(snakeOf(at.at(-1) ?? ''));
}

function looksSecret(at: At, value: Json | undefined): boolean {
  if (isSecretText(value) || (Array.isArray(value) && value.some(isSecretText))) return true;
  if (typeof value === 'boolean') return false;
  return at.some((step) => {
    const name = snakeOf(step);
    return secretWords.test(name) || (tokenWord.test(name) && typeof value !== 'number');
  });
}

function isSecretText(value: Json | undefined): boolean {
  return typeof value === 'string' && secretTexts.test(value);
}

function isBlank(value: Json | undefined): boolean {
  return value === null || value === undefined || value === '';
}

function covers(path: string, at: At): boolean {
  const steps = path.split('.');
  return steps.length <= at.length && steps.every((step, i) => step === at[i]);
}

function snakeOf(key: string): string {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}
