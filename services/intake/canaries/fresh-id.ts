/** Names for runs and calls that never were, of the make that their agent gives. Pure but for the chance it is given. */
import { ulid } from 'ulid';
import type { Draw } from './mutate.ts';

const uuid = /^(.*?)([0-9a-f]{8}-[0-9a-f]{4}-)([1-8])([0-9a-f]{3}-)([89ab])([0-9a-f]{3}-[0-9a-f]{12})$/i;
const asUlid = /^(.*?)0[0-7][0-9A-HJKMNP-TV-Z]{24}$/;
/** Letters and digits at the end, enough of them to be one of many. */
const ending = /^(.*?)([0-9A-Za-z]{6,})$/;

/**
 * A name like these, newest first, which are all of one agent's. Undefined where none can be made that does not give
 * itself away: what counts up, or says a day, goes on from the last, and nobody can tell by how much.
 *
 * @param now ms, for names that begin with a time
 */
export function freshId(known: readonly string[], now: number, draw: Draw): string | undefined {
  const [newest = ''] = known;
  const [, before, head = '', version, middle = '', variant, tail = ''] = uuid.exec(newest) ?? [];
  if (before !== undefined) {
    const hex = (text: string): string => redrawn(text, '0123456789abcdef', draw);
    if (version === '4') return `${before}${hex(head)}4${hex(middle)}${variant}${hex(tail)}`;
    if (version !== '7') return undefined;
    const time = now.toString(16).padStart(12, '0');
    return `${before}${time.slice(0, 8)}-${time.slice(8)}-7${hex(middle)}${variant}${hex(tail)}`;
  }
  const [, beforeUlid] = asUlid.exec(newest) ?? [];
  if (beforeUlid !== undefined) return beforeUlid + ulid(now, draw);
  const parts = known.map((id) => ending.exec(id));
  const [first] = parts;
  const [, prefix = '', end = ''] = first ?? [];
  const alike = parts.every((part) => part?.[1] === prefix && part[2]?.length === end.length);
  const ends = parts.map((part) => part?.[2] ?? '').join('');
  if (!alike || !/[a-z]/i.test(ends) || !/\d/.test(ends)) return undefined;
  return prefix + redrawn(end, alphabetOf(ends), draw);
}

/** The letters and digits of which these are made, as far as one can tell. */
function alphabetOf(written: string): string {
  const hexadecimal = /^([0-9a-f]*|[0-9A-F]*)$/.test(written);
  const [small, large] = [/[a-z]/.test(written), /[A-Z]/.test(written)];
  const letters = hexadecimal ? 'abcdef' : 'abcdefghijklmnopqrstuvwxyz';
  return `0123456789${small ? letters : ''}${large ? letters.toUpperCase() : ''}`;
}

const redrawn = (text: string, alphabet: string, draw: Draw): string =>
  text.replaceAll(/[0-9a-z]/gi, () => alphabet[Math.floor(draw() * alphabet.length)] ?? '0');
