import type { useEdit } from '../edit/use-edit.ts';
import type { Step } from '../surface/route.ts';

/** What stands between the reviewer and the approval. */
export type Obstacle = { kind: 'hidden' } | { kind: 'confirm'; paths: string[] } | { kind: 'policy' };

/** The first of them. */
export function obstacleOf(missing: string[], step: Step, edit: ReturnType<typeof useEdit>): Obstacle | null {
  if (missing.length > 0) return { kind: 'confirm', paths: missing };
  if (step !== 'check') return null;
  // Approving an edit that policy has not spoken on would be deciding blind.
  return edit.preview?.ok && edit.preview.value.ok ? null : { kind: 'policy' };
}
