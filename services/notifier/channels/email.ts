/**
 * E-mail, to the addresses of a destination or to one person. The first mail about a request opens a thread; what comes
 * later, its end included, goes on in it. SMTP knows no idempotency key: a lost answer may double a mail, and both copies
 * then have one Message-ID, by which mail clients know them for the same.
 */
import { createHash } from 'node:crypto';
import { type JsonObject, Preferences } from '@countersign/shared/contracts';
import type { ApiKeyRecord, PersonRecord } from '@countersign/shared/directory';
import { workspaceKeys } from '@countersign/shared/keys';
import { defaultPreferences } from '@countersign/shared/preferences';
import type { Redis } from 'ioredis';
import { subjectOf } from '../messages/letter.ts';
import { letterHtml } from '../messages/letter-html.ts';
import { letterText } from '../messages/letter-text.ts';
import { askingLetter, closingLetter } from '../messages/mail.ts';
import {
  type Address,
  type Attempt,
  type Channel,
  type Found,
  type Notice,
  type Outcome,
  personOf,
} from './channel.ts';
import { disableDestination, findDestination, incomplete } from './destination.ts';
import type { Mailer, Refusal, Sent } from './mailer.ts';

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
const mailId = ({ id, request }: Notice): string =>
  `${request.id}.${createHash('sha256').update(id).digest('hex').slice(0, 24)}`;

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

/** RFC 3463: 5.1.1 is a mailbox that does not exist; nothing else means that nobody will ever read there. */
const isNobody = ({ status, response }: Refusal): boolean =>
  status === 550 && /^550[ -]5\.1\.1\b/.test(response);

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

  async function findAddresses(address: Address): Promise<Found<MailTarget>> {
    const found = await findDestination(redis, address);
    if (!found.found) return found;
    const { destination, stored } = found.target;
    const { to = [], match } = destination;
    if (to.length === 0 || !to.every(isAddress)) return incomplete;
    const always = match?.events !== undefined;
    return { found: true, target: { to: [...new Set(to)], always, timeZone: 'UTC', stored } };
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
      if (mailer === undefined) return { kind: 'not_tried', code: 'mail_not_set_up' };
      const thread = threadOf(attempt, target.to);
      const request = standingAt(notice.request, attempt.now);
      const over = request.status !== 'pending';
      const end = over ? endOf(request) : undefined;
      const again = thread.notice === notice.id;
      const asked = again || attempt.replay === true;
      if (end !== undefined && end === thread.closed && !asked) return { kind: 'not_needed' };
      // Of an undo that is not done those hear who oversee, and not those who were asked to decide something.
      const alarm = request.status === 'undo_requested';
      const told = over && !alarm && !target.always && attempt.replay !== true;
      const hear = told ? target.to.filter((to) => thread.told.includes(to)) : target.to;
      const recipients = again ? hear.filter((to) => !thread.done.includes(to)) : hear;
      if (recipients.length === 0) return { kind: 'not_needed' };

      const id = mailId(notice);
      const root = thread.root ?? id;
      const settings = { link: notice.link, now: attempt.now, timeZone: target.timeZone };
      const letter = over ? closingLetter(request, settings) : askingLetter(notice.type, request, settings);
      const { tier, workspace } = request;
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
        headers: { 'X-Countersign-Request': request.id, 'X-Countersign-Tier': tier },
      });
      const reached = reachedBy(sent, recipients);
      const next: Thread = {
        told: [...new Set([...thread.told, ...reached.told])],
        notice: notice.id,
        done: [...(again ? thread.done : []), ...reached.done],
        ...(reached.told.length === 0 && thread.root === undefined ? {} : { root }),
        ...closedBy(sent, end ?? thread.closed),
      };
      return outcomeOf(sent, { ...next }, target.to);
    },
    async retire(address, { stored }, at) {
      if (stored === undefined) return;
      const disabled = { at, reason: 'The mail server says that there is no such address (550 5.1.1).' };
      await disableDestination(redis, address, stored, disabled);
    },
    secrets: () => mailer?.secrets ?? [],
  };
}

/** Who has it or may have it, and who is through with it. */
function reachedBy(sent: Sent, recipients: string[]): { told: string[]; done: string[] } {
  const refused = sent.kind === 'taken' || sent.kind === 'refused' ? sent.refused : [];
  const never = refused.filter(({ permanent }) => permanent).map(({ address }) => address);
  if (sent.kind === 'taken') {
    const told = recipients.filter((to) => !refused.some(({ address }) => address === to));
    return { told, done: [...told, ...never] };
  }
  return { told: sent.kind === 'lost' && sent.began ? recipients : [], done: never };
}

/** Everyone has the end, or nobody counts as having it. */
function closedBy(sent: Sent, end: string | undefined): { closed?: string } {
  const all = sent.kind === 'taken' && sent.refused.every(({ permanent }) => permanent);
  return all && end !== undefined ? { closed: end } : {};
}

function outcomeOf(sent: Sent, keep: JsonObject, to: string[]): Outcome {
  const again = { retry: 'scheduled', gone: false } as const;
  switch (sent.kind) {
    case 'impossible':
      return { kind: 'not_tried', code: sent.code };
    case 'lost':
      return { kind: 'failed', code: sent.code, ...again, keep };
    case 'taken': {
      const later = sent.refused.find(({ permanent }) => !permanent);
      const response = [sent.response, ...sent.refused.map((refusal) => refusal.response)].join('\n');
      if (later === undefined) return { kind: 'delivered', status: 250, response, keep };
      const { status } = later;
      return { kind: 'failed', code: `smtp_${status}`, status, response, ...again, keep };
    }
    case 'refused': {
      const { during, status, response, refused, permanent } = sent;
      const nobody = during === 'recipients' && refused.length === to.length && refused.every(isNobody);
      // A session is refused for what the operator can put right: the login, the sender, a block list.
      const never = permanent && during !== 'session';
      return {
        kind: 'failed',
        code: `smtp_${status}`,
        status,
        response,
        retry: never ? 'never' : 'scheduled',
        gone: nobody,
        keep,
      };
    }
  }
}
