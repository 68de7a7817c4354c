/**
 * A request as an event of PagerDuty's Events API v2. Pure.
 * Limits: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
 */
import type { JsonObject, Tier } from '@countersign/shared/contracts';
import type { Notice } from '../channels/channel.ts';
import { argumentsOf, deadlineOf, factsOf, oneLine, sentenceOf, whyOf } from './short-words.ts';

/** How bad PagerDuty holds it to be; its service rules may page by it. */
const severities: Record<Tier, string> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
};

/** UTF-16 units; PagerDuty refuses an event with a longer summary. */
const longestSummary = 1_024;

/**
 * What opens an incident, or brings the open one up to date: members of a `trigger` beside its keys. Some kilobytes,
 * where 512 are allowed.
 *
 * @param now ms
 */
export function triggerOf({ request, timestamp, link }: Notice, now: number): JsonObject {
  const agent = oneLine(request.agent, 200);
  const asks = ` Asked by ${agent}, ${deadlineOf(request, now)}.`;
  const tier = request.tier.toUpperCase();
  const sentence = sentenceOf(request, longestSummary - asks.length - tier.length - 3).replace(/[.!?]$/, '');
  return {
    payload: {
      summary: `${tier}: ${sentence}.${asks}`,
      source: link === undefined ? 'countersign' : new URL(link).host,
      severity: severities[request.tier],
      timestamp,
      component: agent,
      group: request.workspace,
      class: oneLine(request.tool, 200),
      custom_details: detailsOf({ request }),
    },
    client: 'Countersign',
    ...(link === undefined ? {} : { client_url: link, links: [{ href: link, text: 'Open the card' }] }),
  };
}

/** Enough to judge whether to get up; the card behind the link has everything. */
function detailsOf({ request }: Pick<Notice, 'request'>): JsonObject {
  const { lines, whole } = argumentsOf(request, 20, 200);
  const shown = lines.map(({ name, value }) => `${name}: ${value}`);
  return {
    request: request.id,
    version: request.version,
    tier: request.tier,
    asked_because_of: whyOf(request, 500),
    ...(request.expires_at === null ? {} : { decide_by: request.expires_at }),
    facts: factsOf(request),
    arguments: whole ? shown : [...shown, 'and more: the card has all of it'],
    ...(request.reason === undefined ? {} : { the_agent_says: oneLine(request.reason, 500) }),
  };
}
