import type { Json, JsonObject, RequestView } from '@countersign/shared/contracts';
import { type At, pathOf, valueAt } from './at.ts';
import { codeLanguage } from './code.ts';
import { deedOf } from './deed.ts';
import { labelOf } from './label.ts';
import { coveredIn, type Mask, maskOf, noMask } from './mask.ts';
import { currencyPlace, moneyAt } from './money.ts';

/** A piece of the sentence that says what will happen: the policy's words, or a value with the path it came from. */
export type Segment = { text: string } | { value: string; path: string; missing?: boolean };

type Described = Pick<RequestView, 'tool' | 'args' | 'card' | 'friction' | 'tool_facts'>;

/** A longer value is cut in the sentence; the payload has it whole. */
const longestValue = 80;

/**
 * What will happen, in one sentence: the policy's template where there is one, otherwise made from the tool and its
 * arguments. Never from the agent's own words. An amount beside its currency reads as one sum of money, what is covered
 * stays covered, and no value is so long that it pushes the payload away.
 *
 * @param uncovered paths that the reviewer has asked to see
 */
export function titleOf(request: Described, language: string, uncovered?: ReadonlySet<string>): Segment[] {
  const mask = maskOf(request);
  return sentence(request, language, mask).map((segment) => {
    if ('text' in segment || segment.missing) return segment;
    const at = segment.path.split('.');
    const covered = coveredIn(mask, at, valueAt(request.args, at));
    if (covered.some((place) => uncovered?.has(pathOf(place)) !== true))
      return { ...segment, value: '••••••••' };
    return { ...segment, value: cut(segment.value) };
  });
}

function cut(value: string): string {
  const characters = [...value];
  return characters.length <= longestValue ? value : `${characters.slice(0, longestValue - 1).join('')}…`;
}

function sentence(request: Described, language: string, mask: Mask): Segment[] {
  const title = request.card?.title;
  if (!title || title.length === 0) return fallbackTitle(request.tool, request.args, language, mask);
  const segments: Segment[] = title.map((segment) =>
    'text' in segment
      ? segment
      : {
          value: segment.value,
          path: segment.path,
          ...(segment.missing === true ? { missing: true } : {}),
        },
  );
  return joinMoney(segments, request.args, language);
}

/** "Process refund: amount €2,400.00, email a.smith@acme.com" */
export function fallbackTitle(tool: string, args: JsonObject, language: string, mask = noMask): Segment[] {
  const segments: Segment[] = [{ text: deedOf(tool) }];
  for (const at of telling(args, mask)) {
    const label = at.map((key) => labelOf(key).toLowerCase()).join(' ');
    segments.push(
      { text: `${segments.length === 1 ? ': ' : ', '}${label} ` },
      { value: moneyAt(args, at, language)?.text ?? spoken(valueAt(args, at) ?? null), path: pathOf(at) },
    );
  }
  return segments;
}

/** The request as it would read with other arguments: the policy's sentence with the new values in it. */
export function withArgs(request: RequestView, args: JsonObject): RequestView {
  if (!request.card) return { ...request, args };
  const title = request.card.title.map((segment) => {
    if ('text' in segment) return segment;
    const at = segment.path.split('.');
    const value = valueAt(args, at);
    if (JSON.stringify(value) === JSON.stringify(valueAt(request.args, at))) return segment;
    return value === undefined
      ? { path: segment.path, value: '?', missing: true }
      : { path: segment.path, value: spoken(value) };
  });
  return { ...request, args, card: { title } };
}

function spoken(value: Json): string {
  if (Array.isArray(value)) return value.map(spoken).join(', ');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? 'nothing');
}

/** The sentence as plain text. */
export function titleText(segments: Segment[]): string {
  return segments.map((segment) => ('text' in segment ? segment.text : segment.value)).join('');
}

/**
 * The sum of money that a button may name: the one in the title, or the only one at the top of the arguments.
 * Where several could be meant, none is.
 */
export function mainMoney(request: Described, language: string): string | undefined {
  const mask = maskOf(request);
  const inTitle = titleOf(request, language).flatMap((segment) => ('path' in segment ? [segment.path] : []));
  const sums = (paths: string[]) =>
    paths
      .filter((path) => !mask(path.split('.'), valueAt(request.args, path.split('.'))))
      .flatMap((path) => moneyAt(request.args, path.split('.'), language)?.short ?? []);
  const titled = sums([...new Set(inTitle)]);
  if (titled.length > 0) return titled.length === 1 ? titled[0] : undefined;
  const all = sums(Object.keys(request.args));
  return all.length === 1 ? all[0] : undefined;
}

/** The three values that tell most: what it costs, whom or what it touches, which thing it is. */
function telling(args: JsonObject, mask: Mask): At[] {
  const places = shortValues(args).filter((at) => at.every(isName) && !mask(at, valueAt(args, at)));
  const money = places.filter((at) => moneyAt(args, at, 'en'));
  const currencies = new Set(money.flatMap((at) => pathOf(currencyPlace(args, at) ?? [])));
  // Where there is a total it says it; the payload has what it is made of.
  const total = money.find((at) => /^(grand_?)?total/i.test(at.at(-1) ?? ''));
  const rank = (at: At) => {
    const name = at.at(-1) ?? '';
    if (money.includes(at)) return total === undefined || at === total ? 0 : 4;
    if (
      /^(to|email|recipient|user|customer|name|path|file|url|table|database)(_|$)|^(command|cmd|sql|query|statement)$/i.test(
        name,
      )
    )
      return 1;
    if (/(^|_)id$/i.test(name) || /[a-z]Id$/.test(name) || /^(subject|title)$/i.test(name)) return 2;
    return 3;
  };
  const ranked = places
    .filter((at) => !currencies.has(pathOf(at)))
    .map((at) => ({ at, rank: rank(at) }))
    .sort((a, b) => a.rank - b.rank);
  const known = ranked.filter((place) => place.rank < 3);
  return (known.length > 0 ? known : ranked).slice(0, 3).map((place) => place.at);
}

/** Texts and numbers short enough for a sentence, at the top of the arguments or one object further in. */
function shortValues(args: JsonObject): At[] {
  return Object.entries(args).flatMap(([key, value]): At[] => {
    if (typeof value === 'string' && codeLanguage(key, value)) return isTellingCode(value) ? [[key]] : [];
    if (isShort(value)) return [[key]];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    // What was and what is to be are a difference, which a sentence of values would not tell.
    if (/^(before|after|old|new|previous|current)$/i.test(key)) return [];
    return Object.entries(value).flatMap(([inner, part]): At[] => (isShort(part) ? [[key, inner]] : []));
  });
}

/** Of a command the beginning tells most, unless it is a comment: that is the agent talking, not what will run. */
function isTellingCode(text: string): boolean {
  return !/^\s*(--|\/\*|#)/.test(text);
}

/** A key is the agent's text as well: only what reads as the name of a parameter gets into the sentence. */
function isName(key: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_-]{0,23}$/.test(key);
}

function isShort(value: Json): boolean {
  if (Array.isArray(value))
    return (
      value.length > 0 &&
      value.length <= 3 &&
      value.every((item) => typeof item === 'string' && isShort(item))
    );
  return typeof value === 'number' || (typeof value === 'string' && value !== '' && value.length <= 60);
}

/** `{amount} {currency}` becomes one value, and an amount that stands alone gets its separators. */
function joinMoney(segments: Segment[], args: JsonObject, language: string): Segment[] {
  const shown = new Set(segments.flatMap((segment) => ('path' in segment ? [segment.path] : [])));
  const joined: Segment[] = [];
  for (let i = 0; i < segments.length; i += 1) {
    const segment = segments[i];
    if (!segment) continue;
    if ('text' in segment || segment.missing) {
      joined.push(segment);
      continue;
    }
    const at: At = segment.path.split('.');
    const money = moneyAt(args, at, language);
    if (!money) {
      joined.push(segment);
      continue;
    }
    const place = currencyPlace(args, at)?.join('.');
    const gap = segments[i + 1];
    const after = segments[i + 2];
    if (
      place &&
      gap &&
      'text' in gap &&
      gap.text.trim() === '' &&
      after &&
      'path' in after &&
      after.path === place
    ) {
      joined.push({ value: money.text, path: segment.path });
      i += 2;
    } else {
      joined.push({ value: place && shown.has(place) ? money.number : money.text, path: segment.path });
    }
  }
  return joined;
}
