/** A letter as plain text. What an agent wrote stands behind a bar, line by line, so that no line of it passes for ours. */
import { type Block, type Letter, onOneLine, type Part, plainly, sentenceText } from './letter.ts';
import { unlinked, withoutLinks } from './unlinked.ts';

const bar = '│ ';

/** Somebody else's words as one line, in which nothing can be followed. */
const theirs = (text: string): string => unlinked(onOneLine(text));
const sentenceOf = (parts: readonly Part[]): string => sentenceText(withoutLinks(parts));

/** Text of somebody else's, each line behind the bar. */
function quoted(text: string, indent = ''): string[] {
  return unlinked(plainly(text))
    .split('\n')
    .map((line) => `${indent}${bar}${line}`.trimEnd());
}

function valueLines(name: string, value: string, was: string | undefined): string[] {
  const label = `${theirs(name)}:`;
  const before = was === undefined ? [] : [`  before: ${theirs(was)}`];
  if (!value.includes('\n')) return [`${label} ${unlinked(plainly(value))}`, ...before];
  return [label, ...quoted(value, '  '), ...before];
}

function blockLines(block: Block): string[] {
  switch (block.kind) {
    case 'lines': {
      if (block.ours === true) {
        const own = block.lines.map(({ name, value }) => `${onOneLine(name)}: ${onOneLine(value)}`);
        return [heading(block.title), ...own, ...(block.more === undefined ? [] : [block.more])];
      }
      const values = block.lines.flatMap(({ name, value, was }) => valueLines(name, value, was));
      return [heading(block.title), ...values, ...(block.more === undefined ? [] : [block.more])];
    }
    case 'facts':
      return block.facts.map(({ name, value }) => `${onOneLine(name)}: ${onOneLine(value)}`);
    case 'said':
      return [
        heading(block.title),
        ...block.said.flatMap(({ name, text }, i) => [
          ...(i === 0 ? [] : [bar.trimEnd()]),
          ...quoted(name === undefined ? text : `${name}: ${text}`),
        ]),
      ];
    case 'notes':
      return [heading(block.title), ...block.notes.map((note) => sentenceOf(note))];
    case 'warning':
      return [`! ${onOneLine(block.text)}`];
    case 'rows':
      return [
        heading(block.title),
        ...block.rows.flatMap(({ tier, sentence, about, link }) => [
          `- [${tier}] ${sentenceOf(sentence)}`,
          `  ${theirs(about)}`,
          ...(link === undefined ? [] : [`  ${link}`]),
        ]),
        ...(block.more === undefined ? [] : [block.more]),
      ];
  }
}

const heading = (title: string): string => `${title.toUpperCase()}`;

/** The whole letter as plain text. */
export function letterText({ tier, above, status, sentence, below, link, blocks, foot }: Letter): string {
  const head = [...(tier === undefined ? [] : [tier.toUpperCase()]), ...above.map(theirs)].join(' · ');
  const opening = [
    ...(status === undefined ? [] : [onOneLine(status.text)]),
    sentenceOf(sentence),
    ...below.map(onOneLine),
  ];
  const sections = [
    ...(head === '' ? [] : [[head]]),
    opening,
    ...(link === undefined ? [] : [[`${link.text}: ${link.href}`, link.note]]),
    ...blocks.map(blockLines),
    ['--', ...foot.map(onOneLine)],
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
