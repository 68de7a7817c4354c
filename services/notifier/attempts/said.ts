/** What an attempt says: a request or an alert as it stands, read anew each time. */
import { alertPage } from '@countersign/shared/alert';
import { isAlertId } from '@countersign/shared/contracts';
import { workspaceKeys } from '@countersign/shared/keys';
import {
  completeRequest,
  type GroupsOf,
  isPlanted,
  type StoredRequest,
  viewOf,
} from '@countersign/shared/request';
import type { Redis } from 'ioredis';
import type { AnyAddress, Attempt, Notice, Outcome } from '../channels/channel.ts';
import type { Aimed } from '../channels/index.ts';
import { linkTo, pageLink, type Settings } from '../channels/settings.ts';
import { isAlert, type Subject, subjectIn } from '../record/subject.ts';
import { type DeliveryJob, jobIdOf } from './queue.ts';

type Found = Extract<Aimed, { found: true }>;

export type Said = {
  subject: Subject;
  /** Where it goes. @param destination the destination of that id, as it was found a moment ago */
  addressFor(destination: string | null): AnyAddress;
  /** Says it by a channel. `sends`: there is something to send, which costs a moment of the destination's pace. */
  ready(
    aimed: Found,
    attempt: Attempt,
    groupsOf: GroupsOf,
  ): { sends: boolean; deliver: () => Promise<Outcome> };
};

/** When an event happened, from its place in the feed. */
const timeOf = (eventId: string): string => new Date(Number(eventId.split('-')[0])).toISOString();

/** Why nothing is said. */
export type Unsaid = 'request_gone' | 'planted';

/** What is told of in a job, as it was when its turn was taken. */
export async function saidIn(
  redis: Redis,
  job: DeliveryJob,
  stored: StoredRequest,
  settings: Settings,
): Promise<Said | Unsaid> {
  const { workspace, id, request_id, event_id, event_type } = job;
  const envelope = { id: jobIdOf(job), type: event_type, timestamp: timeOf(event_id) };
  const linked = (link: string | undefined): { link?: string } => (link === undefined ? {} : { link });
  if (isAlertId(request_id)) {
    const alert = stored.record === null ? undefined : subjectIn(stored.record);
    if (alert === undefined || !isAlert(alert)) return 'request_gone';
    const notice = { ...envelope, workspace, alert, ...linked(pageLink(settings, alertPage(alert))) };
    return {
      subject: alert,
      addressFor: (stored) => ({ workspace, id, request: { id: alert.id }, stored }),
      ready: (aimed, attempt) => ({ sends: true, deliver: () => aimed.tell(notice, attempt) }),
    };
  }
  const loaded = await completeRequest(redis, workspaceKeys(workspace), request_id, stored);
  // Gone from Redis, or what it was about has been erased: there is nothing to tell.
  if (loaded?.payloads.current === undefined) return 'request_gone';
  const { record, payloads } = loaded;
  // A canary is for browsers. Whatever way it took here, to a destination, a mailbox or an agent it does not go on (law 10).
  if (isPlanted(record) && job.channel !== 'push') return 'planted';
  return {
    subject: record,
    addressFor: (stored) => ({ workspace, id, request: record, stored }),
    ready(aimed, attempt, groupsOf) {
      const request = viewOf(record, payloads, groupsOf);
      const notice: Notice = { ...envelope, request, ...linked(linkTo(settings, record.id)) };
      return { sends: aimed.needs(notice, attempt), deliver: () => aimed.deliver(notice, attempt) };
    },
  };
}
