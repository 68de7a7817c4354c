/**
 * E-mail, to the addresses of a destination or to one person. The first mail about a request opens a thread; what comes
 * later, its end included, goes on in it. SMTP knows no idempotency key: a lost answer may double a mail, and both copies
 * then have one Message-ID, by which mail clients know them for the same.
 */
import { createHash } from 'node:crypto';
import { Preferences, type Tier } from '@countersign/shared/contracts';
import type { ApiKeyRecord, PersonRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import { defaultPreferences } from '@countersign/shared/preferences';
import type { Redis } from 'ioredis';
import { alertLetter } from '../messages/alert.ts';
import { type Letter, subjectOf } from '../messages/letter.ts';
import { letterHtml } from '../messages/letter-html.ts';
import { letterText } from '../messages/letter-text.ts';
import { askingLetter, closingLetter } from '../messages/mail.ts';
import {
  type AnyAddress,
  type Attempt,
  type Channel,
  type Found,
  type Notice,
  type Outcome,
  personOf,
} from './channel.ts';
import { disableDestination, findDestination, incomplete } from './destination.ts';
import { closedBy, outcomeOf, reachedBy } from './email-outcome.ts';
import type { Mailer } from './mailer.ts';

export type MailTarget = {
  to: string[];
  /** Whether it hears the end of what it never heard the beginning of: a destination that asked for just such events. */
  always: boolean;
  /** The reader's clock, of the IANA database. */
  timeZone: string;
  /** A destination's record, to change it only if nobody else has. Absent for a person. */
  stored?: string;
};

/** What is kept between attempts about one request. */
type Thread = {
  /** `id` of the mail that opened the thread. */
  root?: string;
  /** Who has had a mail of this thread, or may have. */
  told: string[];
  /** The notice that was sent last, and those who are through with it: they have it, or never will. */
  notice?: string;
  done: string[];
  /** What the last closing mail said, so that the same is not said twice. */
  closed?: string;
};

/** What a mail says, of a request or an alert. `end`: how it ended, where it has. `alarm`: it concerns whoever never heard of it, too. */
type Said = {
  id: string;
  notice: string;
  workspace: string;
  tier: Tier;
  end: string | undefined;
  alarm: boolean;
  letter: Letter;
  headers: Record<string, string>;
};

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
const string = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Nothing kept although something was tried: the process that tried it died, and everyone may have got it. */
function threadOf({ kept, tried }: Attempt, to: string[]): Thread {
  if (kept === undefined) return { told: tried ? to : [], done: [] };
  const [root, notice, closed] = [string(kept.root), string(kept.notice), string(kept.closed)];
  return {
    told: strings(kept.told),
    done: strings(kept.done),
    ...(root === undefined ? {} : { root }),
    ...(notice === undefined ? {} : { notice }),
    ...(closed === undefined ? {} : { closed }),
  };
}

/** Names a mail: the same for the same event and destination on every attempt, and different for any other. */
const mailId = (notice: string, about: string): string =>
  `${about}.${createHash('sha256').update(notice).digest('hex').slice(0, 24)}`;

/** What a closing mail would tell, as far as it may differ from the one before. */
const endOf = ({ status, revoked, outcome }: Notice['request']): string =>
  [status, revoked === undefined ? '' : 'revoked', outcome?.status ?? ''].join(' ').trim();

/** The request as it stands at a moment: an expiry counts although nobody may have noticed it yet. */
function standingAt(request: Notice['request'], now: number): Notice['request'] {
  const { status, expires_at, release_at } = request;
  const open = status !== 'pending' || expires_at === null || Date.parse(expires_at) > now;
  // An approval that is held to the very end wins over the end.
  return open || release_at !== undefined ? request : { ...request, status: 'timed_out' };
}

/** One bare address: nothing in it could become another recipient or another header. */
const isAddress = (text: string): boolean =>
  /^[^\s<>()[\],;:\\"@\p{Cc}]+@[^\s<>()[\],;:\\"@\p{Cc}]+$/u.test(text);

/** The channel `email`. `address.id` is a destination's or a person's; without a mailer nothing is sent. */
export function emailChannel(redis: Redis, mailer: Mailer | undefined): Channel<MailTarget> {
  async function findPerson(workspace: string, person: string): Promise<Found<MailTarget>> {
    const keys = workspaceKeys(workspace);
    const [stored, preferences, apiKeys] = await Promise.all([
      redis.hget(keys.people, person),
      redis.hget(keys.preferences, person),
      redis.hvals(keys.apiKeys),
    ]);
    const email = stored === null ? undefined : (JSON.parse(stored) as PersonRecord).email;
    if (email === undefined) return { found: false, why: 'no_address', quiet: true };
    // Retries go on for days: whoever was let go meanwhile is not sent what only insiders may read.
    const own = apiKeys
      .map((text) => JSON.parse(text) as ApiKeyRecord)
      .filter(({ owner }) => owner === person);
    if (own.length > 0 && own.every(({ revoked_at }) => revoked_at !== undefined))
      return { found: false, why: 'key_revoked', quiet: true };
    const wishes = Preferences.safeParse(preferences === null ? {} : JSON.parse(preferences));
    const timeZone = wishes.success ? wishes.data.time_zone : defaultPreferences.time_zone;
    return { found: true, target: { to: [email], always: false, timeZone } };
  }

  async function findAddresses(address: AnyAddress): Promise<Found<MailTarget>> {
    const found = await findDestination(redis, address);
    if (!found.found) return found;
    const { destination, stored } = found.target;
    const { to = [], match } = destination;
    if (to.length === 0 || !to.every(isAddress)) return incomplete;
    const always = match?.events !== undefined;
    return { found: true, target: { to: [...new Set(to)], always, timeZone: 'UTC', stored } };
  }

  /** Sends it to those who do not have it yet: what ended to those who have, or may have, what began. */
  async function send(target: MailTarget, attempt: Attempt, said: Said): Promise<Outcome> {
    if (mailer === undefined) return { kind: 'not_tried', code: 'mail_not_set_up' };
    const { id, notice, workspace, tier, end, alarm, letter, headers } = said;
    const thread = threadOf(attempt, target.to);
    const over = end !== undefined;
    const again = thread.notice === notice;
    const asked = again || attempt.replay === true;
    if (over && end === thread.closed && !asked) return { kind: 'not_needed' };
    const told = over && !alarm && !target.always && attempt.replay !== true;
    const hear = told ? target.to.filter((to) => thread.told.includes(to)) : target.to;
    const recipients = again ? hear.filter((to) => !thread.done.includes(to)) : hear;
    if (recipients.length === 0) return { kind: 'not_needed' };

    const root = thread.root ?? id;
    const sent = await mailer.send({
      id,
      to: target.to,
      recipients,
      subject: subjectOf(`${root === id ? '' : 'Re: '}[${tier}]`, letter.sentence),
      text: letterText(letter),
      html: letterHtml(letter),
      list: `${workspace}.countersign`,
      ...(root === id ? {} : { follows: root }),
      urgent: tier === 'critical' && !over,
      headers,
    });
    const reached = reachedBy(sent, recipients);
    const next: Thread = {
      told: [...new Set([...thread.told, ...reached.told])],
      notice,
      done: [...(again ? thread.done : []), ...reached.done],
      ...(reached.told.length === 0 && thread.root === undefined ? {} : { root }),
      ...closedBy(sent, end ?? thread.closed),
    };
    return outcomeOf(sent, { ...next }, target.to);
  }

  return {
    async find(address) {
      const person = personOf(address.id);
      const found =
        person === undefined ? await findAddresses(address) : await findPerson(address.workspace, person);
      // Everyone hears by mail unless they say otherwise: without a server to send by, that is no news each time.
      if (found.found && mailer === undefined)
        return { found: false, why: 'mail_not_set_up', quiet: person !== undefined };
      return found;
    },
    async deliver(target, notice, attempt) {
      const request = standingAt(notice.request, attempt.now);
      const over = request.status !== 'pending';
      const settings = { link: notice.link, now: attempt.now, timeZone: target.timeZone };
      const { id: about, tier, workspace, status } = request;
      return send(target, attempt, {
        id: mailId(notice.id, about),
        notice: notice.id,
        workspace,
        tier,
        end: over ? endOf(request) : undefined,
        // Of an undo that is not done those hear who oversee, and not those who were asked to decide something.
        alarm: status === 'undo_requested',
        letter: over ? closingLetter(request, settings) : askingLetter(notice.type, request, settings),
        headers: { 'X-Countersign-Request': about, 'X-Countersign-Tier': tier },
      });
    },
    async tell(target, notice, attempt) {
      const { workspace, alert } = notice;
      const { id: about, urgency: tier, status } = alert;
      return send(target, attempt, {
        id: mailId(notice.id, about),
        notice: notice.id,
        workspace,
        tier,
        end: status === 'cleared' ? status : undefined,
        alarm: false,
        letter: alertLetter(notice, target.timeZone),
        headers: { 'X-Countersign-Alert': about, 'X-Countersign-Tier': tier },
      });
    },
    async retire(address, { stored }, at) {
      if (stored === undefined) return;
      const disabled = { at, reason: 'The mail server says that there is no such address (550 5.1.1).' };
      await disableDestination(redis, address, stored, disabled);
    },
    secrets: () => mailer?.secrets ?? [],
  };
}
