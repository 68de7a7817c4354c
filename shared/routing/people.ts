/** Which people hear when somebody is to look at a request: who is concerned, who is away, what each of them wishes. */
import type { PersonalChannel, Preferences } from '../contracts/index.ts';
import { defaultPreferences, interruptingChannels, isQuiet } from '../preferences/index.ts';
import { addressesOf, type Browsers, browsersOf } from './addresses.ts';
import { isPersonalChannel, reachesTeams } from './channels.ts';
import { alarms } from './events.ts';
import type { Considered, Heard, StandIn, Unheard, Wanted } from './reason.ts';
import { channelsAsked, type RequestFacts, type Situation, stepOf } from './situation.ts';

/**
 * Until a person says otherwise their browsers are woken whatever the tier: the extension decides for itself what of it
 * interrupts, by the same defaults. E-mail comes from high on.
 */
const untilTheySay: Preferences = {
  ...defaultPreferences,
  channels: { ...defaultPreferences.channels, low: ['push'], medium: ['push'] },
};

/** Whether a person is away at a moment in ms. */
export function isAway({ absence }: Preferences, now: number): boolean {
  return absence !== undefined && Date.parse(absence.from) <= now && now < Date.parse(absence.until);
}

/** Whether new messages would disturb this person now. */
export function isUndisturbed(preferences: Preferences | undefined, urgent: boolean, now: number): boolean {
  if (preferences === undefined) return false;
  return isAway(preferences, now) || (!urgent && isQuiet(preferences, now));
}

const named = (names: readonly string[], person: string, groups: ReadonlySet<string>): boolean =>
  names.some((name) => name === person || groups.has(name));

type Deciding = Pick<RequestFacts, 'audience' | 'parties' | 'voted'>;

/** Why this person does not decide the request; undefined for those who may. */
function notDeciding(
  person: string,
  { audience, parties, voted }: Deciding,
  { directory: { groupsOf } }: Situation,
): Unheard | undefined {
  const groups = groupsOf(person);
  if (groups === undefined) return { code: 'not_a_reviewer' };
  if (!audience.includes('any') && !named(audience, person, groups)) return { code: 'not_in_audience' };
  if (parties.includes(person)) return { code: 'party' };
  return voted.includes(person) ? { code: 'has_voted' } : undefined;
}

/** Why the event is none of this person's business; undefined for those whom it concerns. */
function unconcerned(
  person: string,
  groups: ReadonlySet<string>,
  request: RequestFacts,
  situation: Situation,
): Unheard | undefined {
  const { event, directory } = situation;
  if (alarms(event)) return directory.overseers.has(person) ? undefined : { code: 'not_overseeing' };
  const not = notDeciding(person, request, situation);
  if (not === undefined || not.code === 'has_voted') return not;
  return named(stepOf(event).notify, person, groups) ? undefined : not;
}

/** What is wanted of each of them by channel; the first reason that holds is the one that is given. */
function wantedOf(
  person: string,
  request: RequestFacts,
  situation: Situation,
  standsInFor: string[],
): Wanted {
  const { preferences } = situation.directory;
  const saved = preferences.get(person);
  const wanted = new Map<PersonalChannel, Heard>();
  const add = (channels: readonly string[], reason: Heard): void => {
    for (const channel of channels) {
      if (isPersonalChannel(channel) && !wanted.has(channel)) wanted.set(channel, reason);
    }
  };
  // An alarm is told as a request of tier high would be.
  const tier = alarms(situation.event) && request.tier !== 'critical' ? 'high' : request.tier;
  // What reaches no single person is for destinations to satisfy.
  const asked = new Map(
    [...channelsAsked(request, situation.event)].filter(([channel]) => !reachesTeams(channel)),
  );
  const own = saved ?? untilTheySay;
  const chosen: readonly string[] = own.channels[tier];
  const choice: Heard = { code: 'own_settings', saved: saved !== undefined };
  for (const channel of interruptingChannels(own, { tier, channels: [...asked.keys()] })) {
    add([channel], chosen.includes(channel) ? choice : (asked.get(channel) ?? choice));
  }
  // Whoever stands in hears at least as much as those who are away would have.
  for (const away of standsInFor) {
    add(preferences.get(away)?.channels[tier] ?? [], { code: 'stands_in', for: standsInFor });
  }
  return wanted;
}

type Away = { person: string; until: string; delegate?: string | undefined };

/** Those who are away and would decide, or be told. */
function awayOf(concerned: readonly string[], { directory, now }: Situation): Map<string, Away> {
  return new Map(
    concerned.flatMap((person): [string, Away][] => {
      const preferences = directory.preferences.get(person);
      const { absence } = preferences ?? {};
      if (preferences === undefined || absence === undefined || !isAway(preferences, now)) return [];
      return [[person, { person, ...absence }]];
    }),
  );
}

/**
 * Considers everyone in the workspace. The event asks those who may decide for a look at a request that waits, and whom
 * a step of the ladder names; or it is an alarm, for those who oversee. Nobody who is away is
 * told; who stands in for them is told in their place where they may decide themselves, and nobody stands in for the
 * one who stands in. Quiet hours hold against everything but a critical request, policy's wishes included.
 */
export function considerPeople(situation: Situation, request: RequestFacts): Considered[] {
  const { directory, now } = situation;
  const standing = new Map(
    [...directory.everyone].map(
      ([person, groups]) => [person, unconcerned(person, groups, request, situation)] as const,
    ),
  );
  const concerned = [...standing].flatMap(([person, not]) => (not === undefined ? [person] : []));
  const away = awayOf(concerned, situation);
  const becameOf = (delegate: string): StandIn => {
    const preferences = directory.preferences.get(delegate);
    if (notDeciding(delegate, request, situation) !== undefined) return 'may_not_decide';
    return preferences !== undefined && isAway(preferences, now) ? 'away' : 'told';
  };
  const standIns = Map.groupBy(
    [...away.values()].filter(({ delegate }) => delegate !== undefined && becameOf(delegate) === 'told'),
    ({ delegate }) => delegate,
  );
  const browsers = browsersOf(situation.places, directory);

  return [...standing].flatMap(([id, not]): Considered[] => {
    const person = { kind: 'person', id } as const;
    if (not !== undefined) return [{ ...person, hears: false, reason: not }];
    const absent = away.get(id);
    if (absent !== undefined) {
      const { until, delegate } = absent;
      const standIn =
        delegate === undefined ? {} : { delegate: { person: delegate, became: becameOf(delegate) } };
      return [{ ...person, hears: false, reason: { code: 'absent', until, ...standIn } }];
    }
    const saved = directory.preferences.get(id);
    if (saved !== undefined && request.tier !== 'critical' && isQuiet(saved, now)) {
      const { time_zone } = saved;
      return [{ ...person, hears: false, reason: { code: 'quiet_hours', time_zone } }];
    }
    const standsInFor = (standIns.get(id) ?? []).map((one) => one.person);
    const wanted = wantedOf(id, request, situation, standsInFor);
    if (wanted.size === 0) {
      const { digest_at } = saved ?? untilTheySay;
      return [{ ...person, hears: false, reason: { code: 'below_settings', digest_at } }];
    }
    return [...wanted].map(([channel, reason]) => reached(id, channel, reason, situation, browsers));
  });
}

/** By one channel that is wanted: told, or why that cannot be. */
function reached(
  id: string,
  channel: PersonalChannel,
  reason: Heard,
  { can, directory, places }: Situation,
  browsers: Browsers,
): Considered {
  const subject = { kind: 'person', id, channel } as const;
  if (!can.has(channel) && !reachesTeams(channel))
    return { ...subject, hears: false, reason: { code: 'no_channel' } };
  const deliveries = addressesOf(id, channel, directory, places, browsers);
  return deliveries.length === 0
    ? { ...subject, hears: false, reason: { code: 'no_address' } }
    : { ...subject, hears: true, deliveries, reason };
}
