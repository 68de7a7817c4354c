import type { CanaryReveal } from '@countersign/shared/contracts';
import { Plain } from '../card/Plain.tsx';
import { hashOf } from '../surface/route.ts';
import { say } from '../words/say.ts';
import { faultWords, valueLine } from './fault-words.ts';

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
      <p>{faultWords(kind)}</p>
      <dl>
        <dt>
          <Plain text={path} />
        </dt>
        {shown !== undefined && <dd>{say('test_shown', valueLine(shown))}</dd>}
        {right !== undefined && <dd>{say('test_right', valueLine(right))}</dd>}
      </dl>
      <p>{look ?? say(difficulty === 'plain' ? 'test_plain' : 'test_buried')}</p>
      <p>
        <a href={hashOf({ kind: 'drill' })}>{say('drill_offer')}</a>
      </p>
      <p class="hint">{say('test_yours')}</p>
    </section>
  );
}
