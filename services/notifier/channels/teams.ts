/**
 * Microsoft Teams, through the webhook of a workflow: a card that asks, and once it is decided another that says what
 * became of it. What was posted can not be changed, and nobody can be told by it who pressed what: it decides nothing.
 */

import type { JsonObject } from '@countersign/shared/contracts';
import type { Outbound } from '@countersign/shared/outbound';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { isWaiting } from '../messages/short-words.ts';
import { alertCard, askingCard, endingCard } from '../messages/teams-card.ts';
import type { AlertNotice, Attempt, Channel, Notice, Outcome } from './channel.ts';
import { disableDestination, findDestination, incomplete } from './destination.ts';
import { outcomeOf } from './http-outcome.ts';
import { asksAgain } from './occasion.ts';
import { secretsOfUrl } from './url-secrets.ts';

/** The address of a workflow is a credential: whoever knows it may post. */
export type TeamsTarget = { url: string; stored: string };

/** What the delivery record keeps: which version was asked about, and which end was told. */
const Kept = z.object({ asked: z.number().exactOptional(), told: z.string().exactOptional() });
type Kept = z.infer<typeof Kept>;

/** What a card has to say now, as something to remember; nothing where all of it has been said. */
function news({ request, type }: Notice, { now, tried, kept, replay }: Attempt): Kept | undefined {
  const { asked, told } = Kept.safeParse(kept).data ?? {};
  if (isWaiting(request, now)) {
    const isNew = asked !== request.version || asksAgain(type) || replay;
    return isNew ? { asked: request.version } : undefined;
  }
  if (request.status === 'pending') return undefined;
  // An approval that was taken back has ended a second time.
  const end = request.revoked === undefined ? request.status : 'revoked';
  if (!replay && (!tried || told === end)) return undefined;
  return { ...(asked === undefined ? {} : { asked }), told: end };
}

/** The same of an alert: that it stands, and once that was said, that it is over. */
function alertNews({ alert: { status } }: AlertNotice, { tried, kept }: Attempt): Kept | undefined {
  const { asked, told } = Kept.safeParse(kept).data ?? {};
  if (status === 'raised') return asked === undefined ? { asked: 1 } : undefined;
  return tried && told === undefined
    ? { ...(asked === undefined ? {} : { asked }), told: status }
    : undefined;
}

/** The channel `teams`. `address.id` is the destination's. */
export function teamsChannel(redis: Redis, out: Outbound): Channel<TeamsTarget> {
  async function post({ url }: TeamsTarget, card: JsonObject, keep: Kept): Promise<Outcome> {
    const headers = { 'content-type': 'application/json' };
    const outcome = outcomeOf(await out.post(url, { headers, body: JSON.stringify(card) }), {
      gone: [404, 410],
      never: [400, 413],
    });
    return outcome.kind === 'delivered' ? { ...outcome, keep } : outcome;
  }

  return {
    async find(address) {
      const found = await findDestination(redis, address);
      if (!found.found) return found;
      const { destination, stored } = found.target;
      return destination.url === undefined
        ? incomplete
        : { found: true, target: { url: destination.url, stored } };
    },

    needs: (_target, notice, attempt) => news(notice, attempt) !== undefined,

    async deliver(target, notice, attempt) {
      const keep = news(notice, attempt);
      if (keep === undefined) return { kind: 'not_needed' };
      const card = keep.told === undefined ? askingCard(notice, attempt.now) : endingCard(notice);
      return post(target, card, keep);
    },

    async tell(target, notice, attempt) {
      const keep = alertNews(notice, attempt);
      return keep === undefined ? { kind: 'not_needed' } : post(target, alertCard(notice), keep);
    },

    async retire(address, { stored }, at) {
      await disableDestination(redis, address, stored, { at, reason: 'There is no such workflow any more.' });
    },
    secrets: ({ url }) => secretsOfUrl(url),
  };
}
