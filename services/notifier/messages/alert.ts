/**
 * An alert as each channel says it: the same words everywhere (`shared/alert`), names that others chose with their
 * disguises taken off, and no address that could be followed but ours. Pure.
 */
import { type AlertPart, alertWords } from '@countersign/shared/alert';
import type { Alert, JsonObject, Tier } from '@countersign/shared/contracts';
import { escapeText } from '@countersign/shared/slack';
import type { AlertNotice } from '../channels/channel.ts';
import { type Letter, sentenceText } from './letter.ts';
import { oneLine } from './short-words.ts';
import type { SlackMessage } from './slack-blocks.ts';
import { momentInWords } from './time-words.ts';
import { unlinked } from './unlinked.ts';

/** UTF-16 units; PagerDuty refuses an event with a longer summary. */
const longestSummary = 1_024;
/** Characters of a text message: as many as one that asks. */
const longestText = 300;

const titleOf = (title: readonly AlertPart[], most: number): string => oneLine(sentenceText(title), most);

const isOver = ({ status }: Alert): boolean => status === 'cleared';

/** What has become of it, where it is over. */
function endOf({ cleared_because, cleared_at = '' }: Alert, timeZone = 'UTC'): string {
  const at = momentInWords(Date.parse(cleared_at), timeZone);
  return cleared_because === 'switched_off'
    ? `No longer watched since ${at}: policy has switched it off.`
    : `Over since ${at}.`;
}

/** As a mail: of what stands, or that it is over. */
export function alertLetter({ alert, workspace, link }: AlertNotice, timeZone: string): Letter {
  const { title, found, advice } = alertWords(alert);
  const over = isOver(alert);
  return {
    tier: alert.urgency,
    above: [workspace],
    ...(over ? { status: { text: endOf(alert, timeZone), tone: 'good' } } : {}),
    sentence: title.map((part) => (typeof part === 'string' ? part : { value: unlinked(part.value) })),
    below: [`Noticed ${momentInWords(Date.parse(alert.raised_at), timeZone)}.`],
    ...(link === undefined
      ? {}
      : {
          link: { text: 'Open the figures', href: link, note: 'It opens the page of figures.', quiet: true },
        }),
    blocks: [
      {
        kind: 'lines',
        title: over ? 'As it was' : 'What was found',
        lines: found.map(({ name, value }) => ({ name, value: unlinked(value) })),
      },
      ...(over ? [] : [{ kind: 'notes' as const, title: 'What to do', notes: advice.map((line) => [line]) }]),
    ],
    foot: [
      'You are told because you lead or administer this workspace. Which alerts there are is policy’s (`alerts`); by which channels, your settings’.',
      'Sent by Countersign. An answer to this mail reaches nobody.',
    ],
  };
}

/** As a message in Slack. It decides nothing: its button opens the page. */
export function alertSlack({ alert, link }: AlertNotice): SlackMessage {
  const { title, found, advice } = alertWords(alert);
  const plain = (text: string): JsonObject => ({
    type: 'section',
    text: { type: 'plain_text', text: oneLineEach(text, 2_900), emoji: false },
  });
  const faint = (text: string): JsonObject => ({
    type: 'context',
    elements: [{ type: 'plain_text', text: oneLineEach(text, 1_900), emoji: false }],
  });
  const said = titleOf(title, 600);
  const over = isOver(alert);
  const blocks: JsonObject[] = [
    {
      type: 'header',
      text: { type: 'plain_text', text: oneLine(over ? `Over: ${said}` : said, 150), emoji: false },
    },
    plain(found.map(({ name, value }) => `${name}: ${value}`).join('\n')),
    ...(over ? [faint(endOf(alert))] : [plain(advice.join('\n'))]),
    faint(`${alert.urgency.toUpperCase()} · ${alert.id}`),
    ...(link === undefined
      ? []
      : [
          {
            type: 'actions',
            elements: [
              {
                type: 'button',
                action_id: 'open',
                text: { type: 'plain_text', text: 'Open the figures', emoji: false },
                url: link,
              },
            ],
          },
        ]),
  ];
  return { text: escapeText(oneLine(`[${alert.urgency}] ${over ? 'Over: ' : ''}${said}`, 1_000)), blocks };
}

const oneLineEach = (text: string, most: number): string => {
  const lines = text.split('\n').map((line) => oneLine(line, 500));
  const all = lines.join('\n');
  return all.length <= most ? all : `${all.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
};

const severities: Record<Tier, string> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
};

/** What opens an incident of PagerDuty: members of a `trigger` beside its keys. */
export function alertTrigger({ alert, workspace, timestamp, link }: AlertNotice): JsonObject {
  const { title, found, advice } = alertWords(alert);
  const { tool, agent, team } = alert.about;
  return {
    payload: {
      summary: titleOf([`${alert.urgency.toUpperCase()}: `, ...title], longestSummary),
      source: link === undefined ? 'countersign' : new URL(link).host,
      severity: severities[alert.urgency],
      timestamp,
      component: oneLine(agent ?? tool ?? team ?? 'requests', 200),
      group: workspace,
      class: `alert.${alert.kind}`,
      custom_details: {
        alert: alert.id,
        found: found.map(({ name, value }) => oneLine(`${name}: ${value}`, 500)),
        what_to_do: advice,
      },
    },
    client: 'Countersign',
    ...(link === undefined ? {} : { client_url: link, links: [{ href: link, text: 'Open the figures' }] }),
  };
}

/** As one text message. */
export function alertText({ alert, link }: AlertNotice): string {
  const end = link === undefined ? '' : ` ${link}`;
  const said = unlinked(titleOf([`${alert.urgency.toUpperCase()}: `, ...alertWords(alert).title], 600));
  return `${oneLine(said.replaceAll('"', "'").replaceAll(/[“”]/g, '"'), longestText - end.length - 1).replace('…', '...')}.${end}`;
}
