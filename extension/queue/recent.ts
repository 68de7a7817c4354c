/** Which requests were looked at last. */
import { type Row, recentItem } from '../keep/items.ts';

/** As many as a person may mean by "the one before". */
const most = 8;

/** Takes note that a request is being looked at. */
export async function noteRecent(row: Row): Promise<void> {
  const before = await recentItem.getValue();
  if (before[0]?.id === row.id) return;
  await recentItem.setValue([row, ...before.filter(({ id }) => id !== row.id)].slice(0, most));
}
