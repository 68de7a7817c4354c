/**
 * Card titles: `Refund {amount} {currency} to {email}`. A placeholder is a dotted path into the arguments;
 * `{{` and `}}` stand for the braces themselves. Free of dependencies: the extension renders cards too.
 */
import type { CardSegment, Json, JsonObject } from '../contracts/index.ts';
import { valueAt } from './value-at.ts';

type Piece = { text: string } | { path: string };

const TOKEN = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;
const PATH = /^[^\s.{}]+(?:\.[^\s.{}]+)*$/;

/** How much of a list a sentence can carry; the payload below the title shows all of it. */
const MOST_ITEMS = 4;

/**
 * The sentence in pieces: policy's own text, and values with the path they came from. Values come from the
 * agent, so a surface marks them and makes hostile characters visible. What is not there reads `?`, flagged
 * `missing`; no template and no arguments make this throw.
 */
export function renderCard(template: string, args: JsonObject): CardSegment[] {
  return pieces(template).map((piece): CardSegment => {
    if ('text' in piece) return piece;
    const value = valueAt(args, piece.path);
    if (value === undefined) return { path: piece.path, value: '?', missing: true };
    return { path: piece.path, value: spoken(value) };
  });
}

/** The paths that a template shows, in order, each once. */
export function cardPaths(template: string): string[] {
  return [...new Set(pieces(template).flatMap((piece) => ('path' in piece ? [piece.path] : [])))];
}

/** What is wrong with a template, as a sentence; undefined when nothing is. */
export function checkCard(template: string): string | undefined {
  for (const match of template.matchAll(TOKEN)) {
    const [token, path] = match;
    if (token === '{{' || token === '}}') continue;
    if (path === undefined)
      return `The brace at character ${match.index + 1} has no partner. Write \`${token}${token}\` for a brace itself.`;
    if (!PATH.test(path))
      return `\`${token}\` is not a placeholder. Write a dotted path such as \`{customer.email}\`.`;
  }
  return undefined;
}

/** Templates that were taken apart before: a policy has few, and every view of a request asks again. */
const known = new Map<string, Piece[]>();
const MOST_KNOWN = 1000;

function pieces(template: string): Piece[] {
  let found = known.get(template);
  if (found === undefined) {
    found = takeApart(template);
    if (known.size === MOST_KNOWN) known.clear();
    known.set(template, found);
  }
  return found;
}

function takeApart(template: string): Piece[] {
  const found: Piece[] = [];
  let text = '';
  let end = 0;
  for (const match of template.matchAll(TOKEN)) {
    const [token, path] = match;
    text += template.slice(end, match.index);
    end = match.index + token.length;
    if (path !== undefined && PATH.test(path)) {
      if (text !== '') found.push({ text });
      found.push({ path });
      text = '';
    } else {
      text += token === '{{' ? '{' : token === '}}' ? '}' : token;
    }
  }
  text += template.slice(end);
  if (text !== '') found.push({ text });
  return found;
}

/** A value as part of a sentence: lists read with commas, an object as its plain values in order. */
function spoken(value: Json): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) {
    if (value.length === 0) return 'none';
    const items = value.slice(0, MOST_ITEMS).map(spoken);
    if (value.length > MOST_ITEMS) items.push(`${value.length - MOST_ITEMS} more`);
    return items.join(', ');
  }
  if (typeof value !== 'object') return String(value);
  const plain = Object.values(value).filter((member) => typeof member !== 'object');
  return plain.length === 0 ? JSON.stringify(value) : plain.map(String).join(' ');
}
