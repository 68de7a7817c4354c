import type { Grant } from '@countersign/shared/contracts';

/** A grant on the page. One that has ended keeps its place, so that no button moves under the pointer. */
export type Shown = { grant: Grant; ended: boolean };

/** What the page shows after another reading: what was there stays where it was, what is new comes last. */
export function showing(before: readonly Shown[], latest: readonly Grant[]): Shown[] {
  const now = new Map(latest.map((grant) => [grant.id, grant]));
  const kept = before.map(({ grant }): Shown => {
    const found = now.get(grant.id);
    now.delete(grant.id);
    return found ? { grant: found, ended: false } : { grant, ended: true };
  });
  return [...kept, ...[...now.values()].map((grant) => ({ grant, ended: false }))];
}
