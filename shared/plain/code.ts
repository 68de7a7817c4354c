/** A stretch of a statement or command. The texts of all tokens, joined, are the whole of it, unchanged. */
export type CodeToken = { kind: CodeKind; text: string };
export type CodeKind = 'plain' | 'keyword' | 'string' | 'comment' | 'number' | 'danger';
export type CodeLanguage = 'sql' | 'shell';

/** Colouring longer texts would hold up the screen. */
const longest = 20_000;

const sqlNames = /^(sql|query|statement|ddl|migration)$/i;
const shellNames = /^(command|cmd|shell|script|bash|sh)$/i;
const sqlStart =
  /^(\s|\(|--[^\n]*\n|\/\*(?:(?!\*\/).)*\*\/)*(select|insert|update|delete|with|create|alter|drop|truncate|grant|revoke|merge|replace|begin|explain|copy|call|exec|execute|set|vacuum)\b/is;

/** The language of a text by its key and, for SQL, by how it begins: a search query is no statement. */
export function codeLanguage(key: string, text: string): CodeLanguage | undefined {
  if (sqlNames.test(key) && sqlStart.test(text)) return 'sql';
  return shellNames.test(key) ? (sqlStart.test(text) && /\bfrom\b/i.test(text) ? 'sql' : 'shell') : undefined;
}

const keywords = new Set(
  'add all and as asc begin between by call case cast commit constraint create cross database desc distinct else end exists explain from full group having if in index inner insert into is join key left like limit merge not null offset on or order outer primary references replace returning right rollback select set table then transaction union unique update using values view when where with'.split(
    ' ',
  ),
);
const sqlDanger = new Set('drop truncate delete alter grant revoke exec execute shutdown purge'.split(' '));
const shellDanger = new Set(
  'rm rmdir shred dd mkfs fdisk wipefs shutdown reboot halt poweroff kill killall pkill chmod chown sudo su doas truncate unlink userdel eval delete destroy drop prune purge -rf -fr --force -delete --delete --hard --no-preserve-root'.split(
    ' ',
  ),
);

const sqlPattern =
  /(?<comment>--[^\n]*|\/\*.*?(?:\*\/|$))|(?<string>'(?:[^']|'')*(?:'|$)|\$(?<tag>\w*)\$.*?(?:\$\k<tag>\$|$))|(?<word>[\p{L}_][\p{L}\p{M}\p{N}_$]*)|(?<number>\d[\d.]*)|"[^"]*(?:"|$)|`[^`]*(?:`|$)|./gsu;
const shellPattern =
  /(?<comment>(?<![^\s;])#[^\n]*)|(?<string>'[^']*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|\\?$))|(?<word>[^\s'"`|&;<>()$#\\]+)|./gsu;

/**
 * Cuts a text into what a reader tells apart, and marks the words that destroy. A highlighter can be wrong about what
 * a server takes for a comment or a string, so wherever readings differ, the words in there are marked as well.
 */
export function codeTokens(text: string, language: CodeLanguage): CodeToken[] {
  if (text.length > longest) return [{ kind: 'plain', text }];
  const tokens: CodeToken[] = [];
  const add = (kind: CodeKind, part: string) => {
    const last = tokens.at(-1);
    if (last?.kind === kind && kind !== 'danger') last.text += part;
    else if (part !== '') tokens.push({ kind, text: part });
  };
  const escapes = /\\['"]/.test(text);
  let commandNext = true;
  for (const { 0: part, groups = {} } of text.matchAll(language === 'sql' ? sqlPattern : shellPattern)) {
    if (groups.comment !== undefined) {
      const runs = language === 'sql' && (/^\/\*[!+]/.test(part) || /^--[^\s-]/.test(part));
      if (runs) addWithin('comment', part, sqlDanger, add);
      else add('comment', part);
    } else if (groups.string !== undefined) {
      if (language === 'shell') addWithin('string', part, shellDanger, add);
      else if (escapes || part.startsWith('$')) addWithin('string', part, sqlDanger, add);
      else add('string', part);
      commandNext = false;
    } else if (groups.word !== undefined) {
      if (language === 'sql') add(sqlKind(part), part);
      else if (isShellDanger(part)) add('danger', part);
      else add(commandNext ? 'keyword' : /^\d+$/.test(part) ? 'number' : 'plain', part);
      commandNext = commandNext && /^(sudo|doas)$/.test(part);
    } else {
      add(groups.number === undefined ? 'plain' : 'number', part);
      if (/[|&;(\n`]/.test(part)) commandNext = true;
    }
  }
  return language === 'sql' ? markUnbounded(tokens) : tokens;
}

function sqlKind(part: string): CodeKind {
  const name = part.toLowerCase();
  if (sqlDanger.has(name)) return 'danger';
  return keywords.has(name) ? 'keyword' : 'plain';
}

/** An UPDATE that changes every row is marked: no WHERE before its statement ends. `FOR UPDATE` and `DO UPDATE` are others. */
function markUnbounded(tokens: CodeToken[]): CodeToken[] {
  let bounded = false;
  for (let i = tokens.length - 1; i >= 0; i -= 1) {
    const { kind, text } = tokens[i] ?? { kind: 'plain', text: '' };
    const word = kind === 'keyword' ? text.toLowerCase() : '';
    if (kind === 'plain' && text.includes(';')) bounded = false;
    if (word === 'where') bounded = true;
    if (word !== 'update' || bounded) continue;
    const before = tokens.slice(Math.max(0, i - 3), i).map((token) => token.text);
    if (!/\b(for|do|key)\s+$/i.test(before.join(''))) tokens[i] = { kind: 'danger', text };
  }
  return tokens;
}

function isShellDanger(part: string): boolean {
  const name = part.split('/').at(-1) ?? part;
  return shellDanger.has(name) || name.startsWith('mkfs.');
}

/** A comment or a string in which dangerous words stand out. */
function addWithin(
  kind: CodeKind,
  part: string,
  danger: Set<string>,
  add: (kind: CodeKind, part: string) => void,
): void {
  for (const [word] of part.matchAll(/[\p{L}\p{N}_-]+|[^\p{L}\p{N}_-]+/gu)) {
    add(danger.has(word.toLowerCase()) ? 'danger' : kind, word);
  }
}
