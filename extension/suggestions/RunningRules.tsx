import type { RunningPolicy } from '@countersign/shared/contracts';
import { say } from '../words/say.ts';
import { onceSuggested, standingOf } from './stages.ts';

/** Suggestions that stand in the policy that runs: as shadows, in force, or on trial until a day. */
export function RunningRules({ policy }: { policy: RunningPolicy }) {
  const rules = onceSuggested(policy);
  if (rules.length === 0) return null;
  return (
    <section class="running" aria-label={say('running_title')}>
      <h2>{say('running_title')}</h2>
      <ul>
        {rules.map(({ name, file, trial }) => (
          <li key={name}>
            <code>{name}</code> <span class="hint">{file}</span>{' '}
            <span class={`standing ${standingOf(policy, name)}`}>
              {say(`standing_${standingOf(policy, name)}`)}
              {trial && !trial.over && ` ${say('standing_until', trial.expires.slice(0, 10))}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
