import type { RequestView } from '@countersign/shared/contracts';
import { language, say } from '../words/say.ts';

/** What the ladder does next and when, if nobody decides; nothing while it stands still. Policy wrote the names. */
export function nextStepText({ escalation = [], claim, release_at }: RequestView): string {
  const next = escalation.find(({ done_at }) => done_at === undefined);
  if (next === undefined || claim !== undefined || release_at !== undefined) return '';
  // A time and no countdown: the line is read out when it changes.
  const at = new Date(next.at).toLocaleTimeString(language(), { timeStyle: 'short' });
  if (next.reviewers) return say('step_widens', next.reviewers.join(', '), at);
  const told = next.notify ?? next.channels ?? [];
  return say('step_tells', told.join(', '), at);
}
