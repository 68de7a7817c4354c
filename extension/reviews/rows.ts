/** The list of what ran, as it stands on the screen. Pure. */
import type { RequestView } from '@countersign/shared/contracts';

/** A row keeps its place when it is over, so that nothing moves under a pointer. */
export type Row = { request: RequestView; over: boolean };

const isOver = ({ status }: RequestView): boolean => status !== 'running' && status !== 'undo_requested';

/** The rows with what the server lists now: those that it lists no longer are over, those that are new stand below. */
export function listed(before: readonly Row[], items: readonly RequestView[]): Row[] {
  const now = new Map(items.map((item) => [item.id, item]));
  const kept = before.map((row): Row => {
    const request = now.get(row.request.id);
    now.delete(row.request.id);
    return request === undefined ? { ...row, over: true } : { request, over: isOver(request) };
  });
  return [...kept, ...[...now.values()].map((request) => ({ request, over: isOver(request) }))];
}

/** The rows with what became of some of them. */
export function settled(before: readonly Row[], requests: readonly RequestView[]): Row[] {
  const now = new Map(requests.map((request) => [request.id, request]));
  return before.map((row) => {
    const request = now.get(row.request.id);
    return request === undefined ? row : { request, over: isOver(request) };
  });
}
