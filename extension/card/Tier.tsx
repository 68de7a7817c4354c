import type { RequestView } from '@countersign/shared/contracts';
import { say } from '../words/say.ts';

const icons = { low: '·', medium: '▴', high: '!', critical: '‼' };

/** A tier by icon, word and colour together. */
export function Tier({ tier }: { tier: RequestView['tier'] }) {
  return (
    <span class={`tier ${tier}`}>
      <i aria-hidden="true">{icons[tier]}</i>
      {say(`tier_${tier}`)}
    </span>
  );
}
