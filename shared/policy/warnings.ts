/** What loads, but deserves a look. */
import { didYouMean } from './closest-name.ts';
import type { Draft } from './draft.ts';
import type { PolicyProblem } from './problem.ts';
import type { Demands } from './rule.ts';

const CHANNELS = ['push', 'email', 'slack', 'teams', 'sms', 'pagerduty', 'webhook', 'digest'];

/**
 * Reviewers that no group names, reviewers that a quorum leaves out, channels that do not exist, and
 * comparisons that always fail.
 */
export function warningsOf(drafts: Draft[]): PolicyProblem[] {
  const groups = drafts.flatMap((draft) => draft.groups);
  const known = new Set(groups.flatMap(({ name, value }) => [name, ...value]));
  const warnings: PolicyProblem[] = [];
  const check = (demands: Demands, problem: Draft['rules'][number]['problem']): void => {
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
    escalate.forEach(({ notify, reviewers: added }, index) => {
      unknown(notify, ['escalate', index, 'notify']);
      unknown(added, ['escalate', index, 'reviewers']);
    });
    for (const channel of channels.filter((candidate) => !CHANNELS.includes(candidate))) {
      const hint = didYouMean(channel, CHANNELS) || ` Known: ${CHANNELS.join(', ')}.`;
      warnings.push(problem(['channels'], 'unknown_channel', `There is no channel \`${channel}\`.${hint}`));
    }
  };
  for (const { tiers, rules } of drafts) {
    for (const { value, problem } of tiers) check(value, problem);
    for (const { demands, when, problem } of rules) {
      check(demands, problem);
      for (const message of when?.warnings ?? []) warnings.push(problem(['when'], 'condition_type', message));
    }
  }
  return warnings;
}
