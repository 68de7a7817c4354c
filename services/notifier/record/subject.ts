/** What a delivery is about: a request, or an alert, which is told of by the same records, schedule and channels. */
import type { Alert, Tier } from '@countersign/shared/contracts';
import type { EventBody } from '@countersign/shared/feed';
import type { RequestRecord } from '@countersign/shared/request';

export type Subject = RequestRecord | Alert;

/** As it is stored. */
export const subjectIn = (record: string): Subject => JSON.parse(record) as Subject;

export const isAlert = (subject: Subject): subject is Alert => 'urgency' in subject;

/** How pressing it is. */
export const tierOf = (subject: Subject): Tier => (isAlert(subject) ? subject.urgency : subject.terms.tier);

/** What an event about a delivery says of it. */
export function factsOf(subject: Subject): Partial<EventBody> {
  if (isAlert(subject)) {
    const { agent, tool } = subject.about;
    return { ...(agent === undefined ? {} : { agent }), ...(tool === undefined ? {} : { tool }) };
  }
  const { id: request_id, agent, tool, status, revision, version, terms } = subject;
  return { request_id, agent, tool, tier: terms.tier, status, revision, version };
}
