/** What loads, but deserves a look. */
import type { Tier } from '../contracts/index.ts';
import { didYouMean } from './closest-name.ts';
import { DEFAULT_TIER, timeoutOf } from './demands.ts';
import type { Draft } from './draft.ts';
import type { PolicyProblem } from './problem.ts';
import type { Demands } from './rule.ts';

const CHANNELS = ['push', 'email', 'slack', 'teams', 'sms', 'pagerduty', 'webhook', 'digest'];

/**
 * Reviewers that no group names, reviewers that a quorum leaves out, channels that do not exist, steps of a ladder that
 * come after the end, and comparisons that always fail.
 */
export function warningsOf(drafts: Draft[]): PolicyProblem[] {
  const groups = drafts.flatMap((draft) => draft.groups);
  const known = new Set(groups.flatMap(({ name, value }) => [name, ...value]));
  const warnings: PolicyProblem[] = [];
  const tiers: Partial<Record<Tier, Demands>> = Object.fromEntries(
    drafts.flatMap((draft) => draft.tiers.map(({ name, value }) => [name, value])),
  );
  const check = (
    demands: Demands,
    /** When the request ends by itself, ms; null is never. */
    end: number | null,
    problem: Draft['rules'][number]['problem'],
  ): void => {
    const { reviewers = [], quorum, channels = [], escalate = [] } = demands;
    const unknown = (names: string[], path: PropertyKey[]): void => {
      for (const name of names.filter((candidate) => !known.has(candidate))) {
        const hint =
          didYouMean(name, known) || ' That is fine if a person or group of that name is added over HTTP.';
        warnings.push(
          problem(path, 'unknown_reviewer', `No group or member here is called \`${name}\`.${hint}`),
        );
      }
    };
    unknown(reviewers, ['reviewers']);
    if (typeof quorum === 'object') {
      unknown(Object.keys(quorum), ['quorum']);
      for (const name of reviewers.filter((candidate) => !Object.hasOwn(quorum, candidate))) {
        const message = `\`${name}\` is in reviewers but not in quorum, so nothing is asked of it.`;
        warnings.push(problem(['reviewers'], 'unused_reviewer', message));
      }
    }
    const unknownChannels = (names: string[], path: PropertyKey[]): void => {
      for (const channel of names.filter((candidate) => !CHANNELS.includes(candidate))) {
        const hint = didYouMean(channel, CHANNELS) || ` Known: ${CHANNELS.join(', ')}.`;
        warnings.push(problem(path, 'unknown_channel', `There is no channel \`${channel}\`.${hint}`));
      }
    };
    unknownChannels(channels, ['channels']);
    escalate.forEach((step, index) => {
      const path = ['escalate', index];
      unknown(step.notify, [...path, 'notify']);
      unknown(step.reviewers, [...path, 'reviewers']);
      unknownChannels(step.channels, [...path, 'channels']);
      if (end === null || step.after_ms < end) return;
      const message = `This step never comes: the request has ended by then, after ${end / 1000} seconds.`;
      warnings.push(problem([...path, 'after'], 'step_after_end', message));
    });
  };
  for (const draft of drafts) {
    // A rule may wait longer than its tier says, so a tier is held against nothing but what it states itself.
    for (const { value, problem } of draft.tiers) check(value, value.timeout_ms ?? null, problem);
    for (const { demands, tier = DEFAULT_TIER, when, problem } of draft.rules) {
      check(demands, timeoutOf({ ...tiers[tier], ...demands }), problem);
      for (const message of when?.warnings ?? []) warnings.push(problem(['when'], 'condition_type', message));
    }
  }
  return warnings;
}
