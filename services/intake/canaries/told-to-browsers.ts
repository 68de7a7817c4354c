/** Whether all that would ever be told of a request goes to browsers: nothing else may hear of a canary. Pure. */
import { eventTypes, type FeedEvent } from '@countersign/shared/feed';
import { audienceOf, type RequestRecord } from '@countersign/shared/request';
import { factsOf, isTold, route, type Situation } from '@countersign/shared/routing';

type Around = Pick<Situation, 'directory' | 'places' | 'can' | 'now'>;

/** The request as its ladder will have made it: everyone who will be told may decide. */
function atTheTop(record: RequestRecord): Pick<FeedEvent, 'audience' | 'data'> {
  const { escalate } = record;
  const reviewers = escalate.flatMap((step) => step.reviewers);
  return {
    audience: [...new Set([...audienceOf(record), ...reviewers])],
    data: {
      notify: escalate.flatMap(({ notify }) => notify),
      channels: escalate.flatMap(({ channels }) => channels),
    },
  };
}

/** Asks routing about every event there is, with every step of the ladder at once; and about digests, which are mail. */
export function isToldToBrowsersOnly(record: RequestRecord, around: Around): boolean {
  const { id: request_id, agent, tool, terms } = record;
  const top = atTheTop(record);
  const request = { ...factsOf(record), audience: top.audience ?? [] };
  return eventTypes.every((type) => {
    const event: FeedEvent = {
      id: '0-0',
      type,
      at: around.now,
      actor: { kind: 'system', id: 'canaries' },
      request_id,
      agent,
      tool,
      tier: terms.tier,
      ...top,
    };
    if (!isTold(event)) return true;
    const { considered, deliveries } = route({ ...around, event, request, asked: [] });
    const digested = considered.some((one) => !one.hears && one.reason.code === 'below_settings');
    return deliveries.every(({ channel }) => channel === 'push') && !(digested && around.can.has('email'));
  });
}
