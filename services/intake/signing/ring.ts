/**
 * The keys that an installation signs tokens with; pure. What a key is for at a moment follows from the times in the
 * ring alone: nothing has to happen on time, and whoever has the same ring and the same clock agrees.
 *
 *   published ──▶ signing ──▶ retired ──▶ gone        and from each but the last: denied
 *
 * There is always a key that is published and does not sign yet. Whoever keeps the published set for a while knows it
 * before it is used, be that by plan or in place of a key that was denied.
 */
import type { SigningKey } from '@countersign/shared/token';

const minute = 60_000;

/**
 * How long a key is published before a rotation lets it sign, ms. Longer than a verifier may keep an old set: ten
 * minutes itself (jose's default), and the four of `jwksMaxAge` in a cache before it.
 */
export const publishedFor = 15 * minute;
/** For how long caches may keep the published set, in seconds. */
export const jwksMaxAge = 240;
/** How long a key is published after it has signed for the last time, ms. A token lives for five minutes. */
export const retiredFor = 20 * minute;
/** How long a key signs before it is rotated unasked, ms. */
export const signsFor = 30 * 24 * 60 * minute;

/** A key and its times, Redis time in ms. */
export type RingKey = {
  kid: string;
  publicJwk: SigningKey['publicJwk'];
  /** Absent once it was denied. */
  privateJwk?: SigningKey['privateJwk'];
  published_at: number;
  /** When it begins to sign; absent while it waits for a rotation. */
  signs_from?: number;
  denied_at?: number;
};

/** All keys, in the order in which they were made. `version` grows with every change. */
export type Ring = { version: number; keys: readonly RingKey[] };

export type KeyState = 'published' | 'signing' | 'retired' | 'gone' | 'denied';

type Able = RingKey & Required<Pick<RingKey, 'privateJwk'>>;
type Scheduled = Able & Required<Pick<RingKey, 'signs_from'>>;

const isGood = (key: RingKey): key is Able => key.denied_at === undefined && key.privateJwk !== undefined;
const isScheduled = (key: RingKey): key is Scheduled => isGood(key) && key.signs_from !== undefined;

/** The key that signs at this time. Throws where there is none, which no change leaves behind. */
export function signingKey({ keys }: Ring, now: number): Scheduled {
  const scheduled = keys.filter(isScheduled).sort((a, b) => a.signs_from - b.signs_from);
  // Before the first began, as after a failover to a clock that is behind, that one signs.
  const key = scheduled.filter(({ signs_from }) => signs_from <= now).at(-1) ?? scheduled[0];
  if (key === undefined) throw new Error('no key of the ring may sign');
  return key;
}

/** What a key is for at this time. */
export function stateOf(ring: Ring, key: RingKey, now: number): KeyState {
  if (key.denied_at !== undefined) return 'denied';
  if (signingKey(ring, now).kid === key.kid) return 'signing';
  const from = key.signs_from;
  if (from === undefined || from > now) return 'published';
  const next = ring.keys.filter(isScheduled).map(({ signs_from }) => signs_from);
  const replaced = Math.min(...next.filter((at) => at > from));
  return now < replaced + retiredFor ? 'retired' : 'gone';
}

/** The public keys that tokens verify with at this time: the published set. */
export function publishedKeys(ring: Ring, now: number): SigningKey['publicJwk'][] {
  return publicKeys(ring, (key) => !['gone', 'denied'].includes(stateOf(ring, key, now)));
}

/** The same with the denied ones, so that a token of such a key can be told from a forged one, and refused on record. */
export function knownKeys(ring: Ring, now: number): SigningKey['publicJwk'][] {
  return publicKeys(ring, (key) => stateOf(ring, key, now) !== 'gone');
}

function publicKeys({ keys }: Ring, which: (key: RingKey) => boolean): SigningKey['publicJwk'][] {
  return keys.filter(which).map(({ publicJwk }) => publicJwk);
}

/** Ids of the keys that were denied. */
export function deniedKeys({ keys }: Ring): string[] {
  return keys.filter(({ denied_at }) => denied_at !== undefined).map(({ kid }) => kid);
}

/** The ring of a new installation: nobody keeps an older set yet, so its first key signs at once. */
export function firstRing(first: SigningKey, second: SigningKey, now: number): Ring {
  return { version: now, keys: [{ ...first, published_at: now, signs_from: now }, added(second, now)] };
}

/**
 * Lets the waiting key sign as soon as it has been published for long enough, and has another one wait in its place.
 * While a rotation is under way, asking for one changes nothing.
 */
export function rotated(ring: Ring, fresh: SigningKey, now: number): Ring {
  const waiting = ring.keys.find((key) => stateOf(ring, key, now) === 'published');
  if (waiting?.signs_from !== undefined) return ring;
  if (waiting === undefined) return rotated(withWaiting(ring, fresh, now), fresh, now);
  const signs_from = Math.max(now, waiting.published_at + publishedFor);
  const keys = ring.keys.map((key) => (key === waiting ? { ...key, signs_from } : key));
  return withWaiting({ ...ring, keys }, fresh, now);
}

/**
 * Takes a key out of use at once and for ever; its private half is forgotten. If it signed, the waiting key signs from
 * now on. Undefined where there is no such key. A key that was denied before stays so.
 */
export function denied(ring: Ring, kid: string, fresh: SigningKey, now: number): Ring | undefined {
  const named = ring.keys.find((key) => key.kid === kid);
  if (named === undefined) return undefined;
  if (named.denied_at !== undefined) return ring;
  const signed = signingKey(ring, now).kid === kid;
  const { privateJwk: _forgotten, ...rest } = named;
  const without = ring.keys.map((key) => (key === named ? { ...rest, denied_at: now } : key));
  if (!signed) return withWaiting({ ...ring, keys: without }, fresh, now);
  const standIn = without.find(
    (key) => isGood(key) && (key.signs_from === undefined || key.signs_from > now),
  );
  const keys = without.map((key) => (key === standIn ? { ...key, signs_from: now } : key));
  if (standIn === undefined) keys.push({ ...added(fresh, now), signs_from: now });
  return withWaiting({ ...ring, keys }, fresh, now);
}

/** What time asks for: forgets the keys that are gone, rotates one that has signed for long, has another one wait. */
export function tended(ring: Ring, fresh: SigningKey, now: number): Ring {
  const kept = ring.keys.filter((key) => stateOf(ring, key, now) !== 'gone');
  const tidy = kept.length === ring.keys.length ? ring : { ...ring, keys: kept };
  const old = signingKey(tidy, now).signs_from + signsFor <= now;
  return old ? rotated(tidy, fresh, now) : withWaiting(tidy, fresh, now);
}

function withWaiting(ring: Ring, fresh: SigningKey, now: number): Ring {
  const waits = ring.keys.some(
    (key) => isGood(key) && (key.signs_from === undefined || key.signs_from > now),
  );
  return waits || ring.keys.some(({ kid }) => kid === fresh.kid)
    ? ring
    : { ...ring, keys: [...ring.keys, added(fresh, now)] };
}

function added({ kid, publicJwk, privateJwk }: SigningKey, now: number): RingKey {
  return { kid, publicJwk, privateJwk, published_at: now };
}
