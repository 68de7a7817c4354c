import { getMe } from '../api/reviewer.ts';
import { connectionItem, contractItem } from '../keep/items.ts';

/** Asks which contract the server speaks. */
export async function refreshContract(): Promise<void> {
  const connection = await connectionItem.getValue();
  if (!connection) return;
  const answer = await getMe(connection);
  if (!answer.ok || answer.value.key_id !== (await connectionItem.getValue())?.key_id) return;
  await contractItem.setValue({ told: answer.value.contract ?? null });
}
