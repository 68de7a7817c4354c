import type { CanaryReveal } from '@countersign/shared/contracts';
import { revealedLine } from '@countersign/shared/plain';
import { Plain } from '../card/Plain.tsx';
import { say } from '../words/say.ts';

const kinds = {
  extra_zero: 'test_extra_zero',
  other_recipient: 'test_other_recipient',
  other_id: 'test_other_id',
  other_value: 'test_other_value',
} as const;

type Value = CanaryReveal['shown'];

/** A value as it stood in the payload, on one line, with whatever disguises it made visible. */
const lineOf = (value: Value): string =>
  revealedLine(typeof value === 'string' ? value : JSON.stringify(value));

/**
 * After a planted request, to who answered it: that it was a test, that nothing ran, and what to look for. What was
 * caught is thanked in a line; what was missed is shown at once, for that is what helps (oversight.md, "Canaries and
 * drills").
 */
export function Reveal({ canary }: { canary: CanaryReveal }) {
  const { caught, kind, path, shown, right, difficulty, look } = canary;
  if (caught) {
    return (
      <p class="notice" role="status">
        {say('test_caught')}
      </p>
    );
  }
  return (
    <section class="notice warn" role="alert" aria-labelledby="test-title">
      <h2 id="test-title">{say('test_missed')}</h2>
      <p>{say(kinds[kind])}</p>
      <dl>
        <dt>
          <Plain text={path} />
        </dt>
        {shown !== undefined && <dd>{say('test_shown', lineOf(shown))}</dd>}
        {right !== undefined && <dd>{say('test_right', lineOf(right))}</dd>}
      </dl>
      <p>{look ?? say(difficulty === 'plain' ? 'test_plain' : 'test_buried')}</p>
      <p class="hint">{say('test_yours')}</p>
    </section>
  );
}
