import { getPreferences } from '../api/preferences.ts';
import { connectionItem, preferencesItem } from '../keep/items.ts';

/** Reads what may interrupt this person. A server that has no word on it leaves the last known, or the defaults. */
export async function refreshPreferences(): Promise<void> {
  const connection = await connectionItem.getValue();
  if (!connection) return;
  const answer = await getPreferences(connection);
  if (!answer.ok) return;
  // The reviewer may have disconnected meanwhile, and nothing of the server may stay.
  if ((await connectionItem.getValue())?.key_id !== connection.key_id) return;
  await preferencesItem.setValue(answer.value);
}
