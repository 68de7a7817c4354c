/** From events about alerts to jobs: the same records, the same queue, the same attempts as for requests. */
import type { Alert } from '@countersign/shared/contracts';
import type { FeedEvent } from '@countersign/shared/feed';
import { workspaceKeys } from '@countersign/shared/keys';
import { type AlertEvent, deliveryNamed, isAlertEvent, routeAlert } from '@countersign/shared/routing';
import { type DeliveryJob, jobOptions, nameOf } from '../attempts/queue.ts';
import { redisNow } from '../clock.ts';
import { want } from '../record/record.ts';
import { type Dispatcher, isBuilt } from './dispatch.ts';
import { noteAsked } from './told.ts';

/**
 * Queues what these events ask for, one after the other: they are few, and where an alert is raised its end finds it told.
 * Doing it again adds nothing. Rejects when Redis is away; then the events are handed over again.
 */
export async function dispatchAlerts(
  dispatcher: Dispatcher,
  workspace: string,
  events: readonly FeedEvent[],
): Promise<void> {
  for (const event of events) if (isAlertEvent(event)) await dispatchAlert(dispatcher, workspace, event);
}

async function dispatchAlert(dispatcher: Dispatcher, workspace: string, event: AlertEvent): Promise<void> {
  const { redis, directory: reader, queue, attempts, can, logger } = dispatcher;
  const keys = workspaceKeys(workspace);
  const { id: event_id, type: event_type } = event;
  const { alert: about } = event.data;
  const [text, names, places, directory, now] = await Promise.all([
    redis.hget(keys.alert(about), 'record'),
    redis.smembers(keys.asked(about)),
    reader.places(workspace),
    reader.directory(workspace),
    redisNow(redis),
  ]);
  // Gone from Redis: there is nothing to tell.
  if (text === null) return;
  const alert = JSON.parse(text) as Alert;
  const asked = names.map(deliveryNamed);
  const deliveries = routeAlert({ event, alert, directory, places, can, asked, now });
  if (deliveries.length === 0 && event_type === 'alert.raised' && alert.status === 'raised')
    logger.warn({ workspace, alert: about, kind: alert.kind }, 'an alert is raised and nobody is told of it');
  if (deliveries.length === 0) return;
  // Before any attempt: whoever routes its end knows where it was told.
  if (event_type === 'alert.raised') await noteAsked(redis, workspace, about, deliveries);
  const over = alert.status === 'cleared';
  const jobs = deliveries.flatMap(({ channel, id }): DeliveryJob[] =>
    isBuilt(channel) ? [{ workspace, channel, id, request_id: about, event_id, event_type }] : [],
  );
  const wanted = await Promise.all(jobs.map((job) => want(redis, nameOf(job), over)));
  const due = jobs.filter((_, index) => wanted[index]);
  if (due.length === 0) return;
  await queue.addBulk(due.map((data) => ({ name: data.channel, data, opts: jobOptions(data, attempts) })));
}
