/** Who would hear of a request now, and why: the notifier's own routing, asked instead of acted on. */
import type { Problem, RouteExplanation, RouteQuestion } from '@countersign/shared/contracts';
import type { DestinationRecord, PushSubscriptionRecord } from '@countersign/shared/directory';
import type { EventType } from '@countersign/shared/feed';
import { globalKeys } from '@countersign/shared/keys';
import { audienceOf, type StepAhead, stepsAhead } from '@countersign/shared/request';
import {
  type Delivery,
  deliveryNamed,
  directoryOf,
  explain,
  factsOf,
  lastTold,
  nameOfDelivery,
  preferencesOf,
  type RequestFacts,
  type RoutedChannel,
  route,
  type Situation,
} from '@countersign/shared/routing';
import type { Redis } from 'ioredis';
import type { Current } from '../workspace/workspaces.ts';
import { judgeCall } from './limits.ts';
import { readRequest } from './read.ts';
import type { Caller, Service } from './service.ts';

export type Around = Pick<Situation, 'directory' | 'places' | 'can' | 'now'>;

const parseAll = <T>(texts: string[]): T[] => texts.map((text) => JSON.parse(text) as T);

/** Everything that routing looks at beside the request. */
export async function readAround(redis: Redis, { snapshot, now }: Current): Promise<Around> {
  const { keys, directory, policy } = snapshot;
  const [preferences, destinations, subscriptions, can] = await Promise.all([
    redis.hgetall(keys.preferences),
    redis.hvals(keys.destinations),
    redis.hvals(keys.pushSubscriptions),
    redis.get(globalKeys.notifierChannels),
  ]);
  return {
    directory: directoryOf(
      [...directory.keysById.values()],
      [...directory.people.values()],
      policy.groups,
      preferencesOf(preferences),
    ),
    places: {
      destinations: parseAll<DestinationRecord>(destinations),
      subscriptions: parseAll<PushSubscriptionRecord>(subscriptions),
    },
    can: new Set(can === null ? [] : (JSON.parse(can) as RoutedChannel[])),
    now,
  };
}

type Asked = { agent: string; tool: string; request_id: string; facts: RequestFacts; type: EventType };

function explained(
  { agent, tool, request_id, facts, type }: Asked,
  around: Around,
  asked: readonly Delivery[],
): Omit<RouteExplanation, 'request_id' | 'status' | 'effect'> {
  const { tier, audience, channels, waits } = facts;
  const event = {
    id: '0-0',
    type,
    at: around.now,
    actor: { kind: 'system', id: 'explain' } as const,
    request_id,
    agent,
    tool,
    tier,
    audience,
  };
  // Asked as if nobody had been told: whoever was is marked.
  const situation: Situation = { ...around, event, request: facts, asked: waits ? [] : asked };
  const told = new Set(asked.map(nameOfDelivery));
  return {
    agent,
    tool,
    tier,
    audience,
    channels,
    at: new Date(around.now).toISOString(),
    ...explain(route(situation), situation, told),
  };
}

/** Explains a request on record, as it stands. */
export async function explainRoute(
  service: Service,
  caller: Caller,
  id: string,
): Promise<RouteExplanation | Problem> {
  const reading = await readRequest(service, caller, id);
  if ('problem' in reading) return reading.problem;
  const { loaded, current } = reading;
  const { record } = loaded;
  const [around, names] = await Promise.all([
    readAround(service.redis, current),
    service.redis.smembers(current.snapshot.keys.asked(id)),
  ]);
  const { agent, tool, status } = record;
  const asked = { agent, tool, request_id: id, facts: factsOf(record), type: lastTold(record) };
  const { notes, ...rest } = explained(asked, around, names.map(deliveryNamed));
  return { request_id: id, status, ...rest, notes: [...notes, ...stepsAhead(record).map(toCome)] };
}

/** What the ladder will do unless somebody decides first. */
function toCome({ step, at }: StepAhead): RouteExplanation['notes'][number] {
  const { notify, reviewers, channels } = step;
  const by = channels.length === 0 ? '' : `, by ${channels.join(', ')} too`;
  const told =
    notify.length === 0 ? 'everyone who may decide' : `${notify.join(', ')} beside those who may decide`;
  const more = reviewers.length === 0 ? '' : `; ${reviewers.join(', ')} may decide as well from then on`;
  return {
    code: 'ladder',
    text: `At ${new Date(at).toISOString()} it is told again to ${told}${by}${more}.`,
  };
}

/** Explains a call that nobody has proposed, as policy would judge it. */
export async function explainQuestion(
  service: Service,
  { current }: Caller,
  { agent, tool, args = {}, context, tier }: RouteQuestion,
): Promise<RouteExplanation> {
  const { answer } = await judgeCall(service.redis, current, {
    agent,
    tool,
    args,
    ...(context === undefined ? {} : { context }),
  });
  const { effect, terms, channels } = answer;
  const asksHuman = effect === 'approval_required';
  const facts: RequestFacts = {
    tier: tier ?? terms.tier,
    waits: true,
    undoing: false,
    audience: asksHuman ? audienceOf({ terms }) : ['any'],
    parties: [],
    voted: [],
    channels,
  };
  const asked = { agent, tool, request_id: '', facts, type: 'request.created' } as const;
  const { notes, ...rest } = explained(asked, await readAround(service.redis, current), []);
  const said = asksHuman
    ? []
    : [
        {
          code: `policy_${effect}`,
          text: `Policy answers ${effect}: nobody is asked. These would hear if it asked a human.`,
        },
      ];
  return { effect, ...rest, notes: [...said, ...notes] };
}
