/** From codes to sentences: what an operator reads of a routing. Pure; names no address and no secret. */
import type { RouteExplanation, RouteLine } from '../contracts/index.ts';
import { nameOfDelivery } from './channels.ts';
import type { Considered, Heard, Unheard } from './reason.ts';
import type { Routing } from './route.ts';
import type { Situation } from './situation.ts';

const list = (names: readonly string[]): string => names.join(', ');

function heardBecause(reason: Heard, kind: Considered['kind'], channel: string, tier: string): string {
  const whose = kind === 'destination' ? 'the tiers of its match' : 'their settings';
  switch (reason.code) {
    case 'matches':
      return 'It matches.';
    case 'told_before':
      return 'It was told of the request before, and is kept up to date.';
    case 'own_settings':
      return reason.saved
        ? `Their settings want ${channel} at tier ${tier}.`
        : `They never saved settings: by default ${channel} tells of tier ${tier}.`;
    case 'policy_asks':
      return `Policy asks for ${channel}, whatever ${whose} say.`;
    case 'step_asks':
      return `The step of the ladder asks for ${channel}, whatever ${whose} say.`;
    case 'stands_in':
      return `They stand in for ${list(reason.for)}, whose settings want ${channel} at tier ${tier}.`;
    case 'agent_waits':
      return 'The agent gave a callback URL.';
  }
}

function standIn({ delegate }: Unheard & { code: 'absent' }): string {
  if (delegate === undefined) return 'Nobody stands in.';
  const { person, became } = delegate;
  if (became === 'told') return `${person} stands in.`;
  return became === 'away'
    ? `${person} was to stand in and is away too; nobody stands in for them.`
    : `${person} was to stand in, and may not decide this request.`;
}

const addresses: Record<string, string> = {
  push: 'No browser of theirs is subscribed with a key that decides.',
  email: 'They have no e-mail address on record.',
  sms: 'They have no phone number on record.',
  slack:
    'They have no Slack member id on record, or there is no Slack destination whose bot could write to them.',
  teams: 'Teams reaches conversations, not a person: add a destination.',
  pagerduty: 'PagerDuty reaches services, not a person: add a destination.',
};

function unheardBecause(reason: Unheard, channel: string, { event, request }: Situation): string {
  const tier = request?.tier ?? event.tier ?? '';
  switch (reason.code) {
    case 'no_channel':
      return `Nothing is sent by ${channel} here: it is not set up, or no notifier runs.`;
    case 'destination_disabled':
      return 'It is disabled.';
    case 'match_events':
      return `It does not hear of ${event.type}${reason.wanted.length > 0 ? `, only of ${list(reason.wanted)}` : ''}.`;
    case 'match_agents':
      return `It hears of the agents ${list(reason.wanted)}, and not of ${event.agent}.`;
    case 'match_tools':
      return `It hears of the tools ${list(reason.wanted)}, and not of ${event.tool}.`;
    case 'match_tiers':
      return `It hears of the tiers ${list(reason.wanted)}, and not of ${event.tier}.`;
    case 'match_groups':
      return `It hears of what ${list(reason.wanted)} may decide, and this is for ${list(event.audience ?? [])}.`;
    case 'not_a_reviewer':
      return 'They have no key that decides.';
    case 'not_in_audience':
      return `They may not decide it: it is for ${list(request?.audience ?? [])}.`;
    case 'party':
      return 'They may not decide it: the run is theirs.';
    case 'has_voted':
      return 'They have given their verdict.';
    case 'not_overseeing':
      return 'It is an alarm, for leads and admins.';
    case 'absent':
      return `They are away until ${reason.until}. ${standIn(reason)}`;
    case 'quiet_hours':
      return `It is quiet for them now (${reason.time_zone}), and only critical requests pass.`;
    case 'below_settings':
      return reason.digest_at.length === 0
        ? `Their settings let nothing interrupt at tier ${tier}; they find it in the queue.`
        : `Their settings let nothing interrupt at tier ${tier}; the digest of ${list(reason.digest_at)} has it.`;
    case 'no_address':
      return addresses[channel] ?? 'They have no address there.';
  }
}

function nameOf({ kind, id }: Considered, { directory, places }: Situation): string {
  if (kind === 'person') return directory.people.get(id)?.name ?? id;
  return places.destinations.find((destination) => destination.id === id)?.name ?? id;
}

/** What an operator should know beside the lines. */
function notesOf({ considered, unheard }: Routing, { request, can }: Situation): RouteExplanation['notes'] {
  const notes: RouteExplanation['notes'] = [];
  const note = (code: string, text: string) => notes.push({ code, text });
  if (can.size === 0) note('no_notifier', 'No notifier is running: nothing is sent to anybody.');
  if (unheard) note('unheard', 'Nobody hears of it now, and nobody chose to hear by digest: an alarm.');
  if (request?.waits !== true) {
    note('over', 'It is over. Those who were told of it hear how it ended; nobody is asked to look.');
  } else if (can.size > 0) {
    const heard = new Set<string | undefined>(considered.flatMap((one) => (one.hears ? [one.channel] : [])));
    const unreached = request.channels.filter((channel) => channel !== 'digest' && !heard.has(channel));
    if (unreached.length > 0)
      note('channel_unreached', `Policy asks for ${list(unreached)}, and nobody hears by that.`);
  }
  return notes;
}

/**
 * Each line of a routing with its reason in a sentence: those who hear, and those who do not.
 *
 * @param told names of the deliveries that have been made already
 */
export function explain(
  routing: Routing,
  situation: Situation,
  told: ReadonlySet<string>,
): Pick<RouteExplanation, 'hears' | 'silent' | 'notes'> {
  const hears: RouteLine[] = [];
  const silent: RouteLine[] = [];
  const tier = situation.request?.tier ?? situation.event.tier ?? '';
  for (const one of routing.considered) {
    const { kind, id, channel, reason } = one;
    const line = {
      kind,
      id,
      name: nameOf(one, situation),
      ...(channel === undefined ? {} : { channel }),
      told: one.hears && one.deliveries.some((delivery) => told.has(nameOfDelivery(delivery))),
    };
    const { code } = reason;
    if (one.hears) hears.push({ ...line, code, reason: heardBecause(one.reason, kind, one.channel, tier) });
    else silent.push({ ...line, code, reason: unheardBecause(one.reason, channel ?? '', situation) });
  }
  return { hears, silent, notes: notesOf(routing, situation) };
}
