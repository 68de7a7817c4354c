/**
 * A letter as HTML for mail clients: tables and inline styles, since many know nothing else; a style sheet only for what
 * they may do without, the dark scheme and narrow screens. Nothing in it is fetched from anywhere.
 */
import type { Tier } from '@countersign/shared/contracts';
import {
  type Block,
  cut,
  type Letter,
  onOneLine,
  type Part,
  piecesOf,
  remarkOn,
  sentenceText,
} from './letter.ts';
import { unlinked, withoutLinks } from './unlinked.ts';

const sans = `font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif`;
const mono = `font-family:ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace`;

/** The extension's own colours (extension/look/tokens.css): light inline, dark by class. */
const tones: Record<Tier, { light: string; dark: string; sign: string }> = {
  low: { light: '#526678', dark: '#9db3c6', sign: '·' },
  medium: { light: '#7d5800', dark: '#e5b94b', sign: '–' },
  high: { light: '#b4430b', dark: '#ff9f6b', sign: '!' },
  critical: { light: '#9b1c31', dark: '#ff8097', sign: '‼' },
};

const darkTones = Object.entries(tones)
  .map(([tier, { dark }]) => `.t-${tier}{color:${dark}!important}.u-${tier}{border-color:${dark}!important}`)
  .join('');

const sheet = `
@media (prefers-color-scheme:dark){
body,.bg{background:#0f1216!important}
.panel{background:#171b21!important;border-color:#2a3038!important}
.ink{color:#e8ebf0!important}.soft{color:#a4adba!important}
.edge{border-color:#2a3038!important}.chip{background:#1d2229!important}
.said{background:#221f30!important;color:#c9bdf0!important}
.warn{background:#2b2018!important;border-color:#7a4a2c!important}
.mark{background:#3a2a12!important;color:#f0c674!important}
.button{background:#7aa2ff!important;color:#0f1216!important}
.link{color:#7aa2ff!important}
.good{background:#14291f!important;color:#6fd19a!important}.bad{background:#321b1a!important;color:#ff9a90!important}
.calm{background:#232932!important;color:#a4adba!important}
${darkTones}}
@media (max-width:480px){
.bg{padding:0!important}.panel{border:0!important;border-radius:0!important}
.pad{padding-left:16px!important;padding-right:16px!important}
.half{display:block!important;width:auto!important}.gap{display:block!important;height:8px!important;width:auto!important}
}`.replaceAll('\n', '');

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');

const markStyle = `background:#fff1c9;color:#6b4a00;border-radius:3px;padding:0 3px;font-size:12px;white-space:nowrap;${mono}`;

/** Text, inert: escaped, disguises shown for what they are, its direction kept to itself. */
function inert(text: string, change = (shown: string, _marked: boolean) => shown): string {
  let marked = false;
  const pieces = piecesOf(text).map((piece) => {
    const remark = remarkOn(piece);
    const shown = piece.kind === 'text' || piece.kind === 'lookalike' ? change(piece.text, marked) : '';
    marked = remark !== undefined;
    return remark === undefined
      ? escaped(shown)
      : `${escaped(shown)}<span class="mark" style="${markStyle}">${escaped(remark)}</span>`;
  });
  return `<bdi>${pieces.join('').replaceAll('\n', '<br>')}</bdi>`;
}

/** Somebody else's text, in which nothing can be followed: with a remark before it, a dot follows a letter as well. */
const theirs = (text: string): string =>
  inert(text, (shown, marked) => (marked ? unlinked(`x${shown}`).slice(1) : unlinked(shown)));

/** A sentence whose values are underlined in the tier's colour, as on the card. */
function sentenceHtml(parts: readonly Part[], tier: Tier | undefined): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return inert(part);
      if (part.missing) return '<i>(missing)</i>';
      const line =
        tier === undefined ? '' : ` class="u-${tier}" style="border-bottom:2px solid ${tones[tier].light}66"`;
      return `<b${line}>${theirs(part.value)}</b>`;
    })
    .join('');
}

const row = (inner: string, top = 16): string =>
  `<tr><td class="pad" style="padding:${top}px 24px 0">${inner}</td></tr>`;

const title = (text: string): string =>
  `<div class="soft" style="font-size:12px;font-weight:650;color:#535b67;padding-bottom:6px">${inert(text)}</div>`;

const note = (text: string, top = 0): string =>
  `<div class="soft" style="font-size:13px;line-height:19px;color:#535b67;padding-top:${top}px">${inert(text)}</div>`;

function tierBadge(tier: Tier): string {
  const name = tier.charAt(0).toUpperCase() + tier.slice(1);
  return `<b class="t-${tier}" style="color:${tones[tier].light}">${tones[tier].sign} ${name}</b>`;
}

const cells = 'border="0" cellpadding="0" cellspacing="0" role="presentation"';

function linesHtml({ title: heading, lines, more, ours }: Extract<Block, { kind: 'lines' }>): string {
  const draw = ours === true ? (text: string) => inert(text) : theirs;
  const drawn = lines.map(({ name, value, was }, i) => {
    const edge = i === 0 ? '' : 'border-top:1px solid #dfe3e9;';
    const before =
      was === undefined
        ? ''
        : `<div class="soft" style="color:#535b67;font-size:13px"><s>${draw(was)}</s></div>`;
    return `<tr><td class="edge chip soft" width="30%" valign="top" style="${edge}padding:7px 12px;background:#f7f8fa;color:#535b67;font-size:13px;line-height:20px;word-break:break-word">${draw(name)}</td><td class="edge ink" valign="top" style="${edge}padding:7px 12px;color:#15181d;font-size:14px;line-height:20px;word-break:break-word;overflow-wrap:anywhere">${draw(value)}${before}</td></tr>`;
  });
  const table = `<table ${cells} width="100%" class="edge" style="border:1px solid #dfe3e9;border-radius:8px;border-collapse:separate;overflow:hidden;table-layout:fixed">${drawn.join('')}</table>`;
  return row(title(heading) + table + (more === undefined ? '' : note(more, 6)));
}

function factsHtml({ facts }: Extract<Block, { kind: 'facts' }>): string {
  const drawn = facts.map(({ name, value, warns }) => {
    const look = warns ? 'background:#fbf1ec;border:1px solid #e3b79c' : 'border:1px solid #dfe3e9';
    return `<td class="half edge ${warns ? 'warn' : ''}" valign="top" style="${look};border-radius:8px;padding:7px 12px"><div class="soft" style="font-size:12px;color:#535b67">${inert(name)}</div><div class="ink" style="font-size:14px;font-weight:650;color:#15181d">${inert(value)}</div></td>`;
  });
  const gap = '<td class="gap" width="8" style="font-size:0">&nbsp;</td>';
  return row(
    `<table ${cells} width="100%" style="border-collapse:separate;table-layout:fixed"><tr>${drawn.join(gap)}</tr></table>`,
    8,
  );
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'lines':
      return linesHtml(block);
    case 'facts':
      return factsHtml(block);
    case 'said': {
      const said = block.said.map(({ name, text }) => {
        const label = name === undefined ? '' : `<b>${theirs(name)}:</b> `;
        return `<div style="padding-top:4px;word-break:break-word;overflow-wrap:anywhere">${label}${theirs(text)}</div>`;
      });
      const heading = `<div style="font-size:12px;font-weight:650">${inert(block.title)}</div>`;
      return row(
        `<div class="said" style="background:#f3f0fa;color:#4b3f72;border-radius:8px;padding:10px 12px;font-size:14px;line-height:20px">${heading}${said.join('')}</div>`,
      );
    }
    case 'notes': {
      const notes = block.notes.map(
        (each) =>
          `<div class="ink" style="font-size:13px;line-height:20px;color:#15181d;word-break:break-word;overflow-wrap:anywhere">${sentenceHtml(each, undefined)}</div>`,
      );
      return row(title(block.title) + notes.join(''));
    }
    case 'warning':
      return row(
        `<div class="warn ink" style="background:#fbf1ec;border:1px solid #e3b79c;border-radius:8px;padding:7px 12px;font-size:13px;line-height:20px;color:#15181d">${inert(block.text)}</div>`,
        12,
      );
    case 'rows': {
      const rows = block.rows.map(({ tier, sentence, about, link }, i) => {
        const edge = i === 0 ? '' : 'border-top:1px solid #dfe3e9;';
        const drawn = sentenceHtml(sentence, tier);
        const opened =
          link === undefined
            ? drawn
            : `<a class="ink" href="${escaped(link)}" style="color:#15181d;text-decoration:none">${drawn}</a>`;
        return `<tr><td class="edge" style="${edge}padding:9px 12px"><div class="ink" style="font-size:14px;line-height:20px;color:#15181d;word-break:break-word;overflow-wrap:anywhere">${opened}</div><div class="soft" style="font-size:12px;line-height:18px;color:#535b67">${tierBadge(tier)} &nbsp;${theirs(about)}</div></td></tr>`;
      });
      const table = `<table ${cells} width="100%" class="edge" style="border:1px solid #dfe3e9;border-radius:8px;border-collapse:separate;overflow:hidden;table-layout:fixed">${rows.join('')}</table>`;
      return row(title(block.title) + table + (block.more === undefined ? '' : note(block.more, 6)));
    }
  }
}

const statusLooks = {
  good: 'background:#e7f4ec;color:#146c43',
  bad: 'background:#fbeae9;color:#b3261e',
  calm: 'background:#eef1f5;color:#535b67',
} as const;

function linkHtml({ text, href, note: words, quiet }: NonNullable<Letter['link']>): string {
  const to = `href="${escaped(href)}"`;
  if (quiet === true) {
    const look = 'style="color:#2456d6;font-size:13px;line-height:19px"';
    return `${note(words)}<a class="link" ${to} ${look}>${inert(text)}</a>`;
  }
  const look =
    'display:inline-block;background:#2456d6;color:#ffffff;border-radius:8px;padding:9px 16px;font-size:14px;font-weight:650;text-decoration:none';
  return `<a class="button" ${to} style="${look}">${inert(text)}</a>${note(words, 8)}`;
}

function headHtml({ tier, above, status, sentence, below, link }: Letter): string {
  const about = above.map(theirs).join(' &nbsp;·&nbsp; ');
  const meta = [...(tier === undefined ? [] : [tierBadge(tier)]), ...(about === '' ? [] : [about])];
  const told =
    status === undefined
      ? ''
      : row(
          `<div class="${status.tone}" style="${statusLooks[status.tone]};border-radius:8px;padding:8px 12px;font-size:14px;font-weight:650;line-height:20px">${inert(status.text)}</div>`,
          10,
        );
  const button = link === undefined ? '' : row(linkHtml(link), link.quiet === true ? 6 : 14);
  return [
    row(`<div class="soft" style="font-size:13px;color:#535b67">${meta.join(' &nbsp;')}</div>`, 20),
    told,
    row(
      `<h1 class="ink" style="margin:0;font-size:20px;line-height:28px;font-weight:600;color:#15181d;word-break:break-word;overflow-wrap:anywhere">${sentenceHtml(sentence, tier)}</h1>`,
      8,
    ),
    below.length === 0 ? '' : row(below.map((line) => note(line)).join(''), 6),
    button,
  ].join('');
}

/** The whole letter as an HTML document. */
export function letterHtml(letter: Letter): string {
  const foot = letter.foot.map((line) => `<div>${inert(line)}</div>`).join('');
  // What a list of mails shows beside the subject; drawn nowhere else.
  const preview = cut(
    onOneLine([letter.status?.text, ...letter.below, sentenceText(withoutLinks(letter.sentence))].join(' ')),
    140,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>Countersign</title><style>:root{color-scheme:light dark}${sheet}</style></head><body style="margin:0;padding:0;background:#f6f7f9;${sans};font-variant-numeric:tabular-nums"><div style="display:none;max-height:0;overflow:hidden">${escaped(preview)}</div><table ${cells} width="100%"><tr><td class="bg" align="center" style="padding:24px 12px;background:#f6f7f9"><table ${cells} width="100%" class="panel" style="max-width:600px;background:#ffffff;border:1px solid #dfe3e9;border-radius:12px;text-align:left;${sans}">${headHtml(letter)}${letter.blocks.map(blockHtml).join('')}<tr><td class="pad soft" style="padding:20px 24px 20px;font-size:12px;line-height:18px;color:#535b67;word-break:break-word">${foot}</td></tr></table></td></tr></table></body></html>`;
}
