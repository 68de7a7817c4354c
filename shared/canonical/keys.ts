const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** How many keys a text spells, repeated ones included. The text must be grammatical JSON. */
export function countKeys(json: string): number {
  let keys = 0;
  for (let index = 0; index < json.length; index++) {
    const char = json.charCodeAt(index);
    if (char === QUOTE) index = closingQuote(json, index);
    else if (char === COLON) keys++;
  }
  return keys;
}

/** The first key that repeats one of the same object, and where it stands. The text must be grammatical JSON. */
export function findDuplicateKey(json: string): { key: string; index: number } | undefined {
  const open: Set<string>[] = [];
  let start = 0;
  let end = 0;
  for (let index = 0; index < json.length; index++) {
    const char = json.charCodeAt(index);
    if (char === QUOTE) {
      start = index;
      end = closingQuote(json, index);
      index = end;
    } else if (char === COLON) {
      // Spellings differ ("a" is "\u0061"), so names are compared unescaped.
      const key = String(JSON.parse(json.slice(start, end + 1)));
      const seen = open.at(-1);
      if (seen?.has(key)) return { key, index: start };
      seen?.add(key);
    } else if (char === OPEN_BRACE) open.push(new Set());
    else if (char === CLOSE_BRACE) open.pop();
  }
  return undefined;
}

function closingQuote(json: string, opening: number): number {
  let close = json.indexOf('"', opening + 1);
  while (isEscaped(json, close)) close = json.indexOf('"', close + 1);
  return close;
}

function isEscaped(json: string, index: number): boolean {
  let backslashes = 0;
  while (json.charCodeAt(index - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}
