/** What a delivery is called: in its record's key, and in the set of what is wanted. */
import { workspaceKeys } from '@countersign/shared/keys';

/** Names the record of one destination and one request. `destination` is `<channel>-<id>`. */
export type RecordName = { workspace: string; destination: string; request_id: string };

/** Names one destination's delivery of one event, with all that its job says beside. */
export type DeliveryName = RecordName & { event_id: string; event_type: string; replay?: true };

export const recordKey = ({ workspace, destination, request_id }: RecordName): string =>
  workspaceKeys(workspace).delivery(destination, request_id);

type Wanted = [event_id: string, destination: string, request_id: string, event_type: string, replay?: 1];

/** A delivery as the set of its workspace holds it. The event comes first, for look-again.lua. */
export function wantedOf({ event_id, destination, request_id, event_type, replay }: DeliveryName): string {
  const wanted: Wanted = [event_id, destination, request_id, event_type];
  if (replay) wanted.push(1);
  return JSON.stringify(wanted);
}

/** The delivery that `wantedOf` wrote. */
export function nameIn(workspace: string, wanted: string): DeliveryName {
  const [event_id, destination, request_id, event_type, replay] = JSON.parse(wanted) as Wanted;
  const name = { workspace, destination, request_id, event_id, event_type };
  return replay === 1 ? { ...name, replay: true } : name;
}
