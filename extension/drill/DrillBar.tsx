import type { Drill } from '@countersign/shared/contracts';
import { say } from '../words/say.ts';

/** Over every card: that this is practice, how far it is, and its end. Nobody is to take one of these for a request. */
export function DrillBar({ drill, onStop }: { drill: Drill; onStop: () => void }) {
  const where = say('drill_bar', Math.min(drill.answered + 1, drill.cards), drill.cards);
  return (
    <div class="drill-bar">
      <b>{where}</b>
      <span class="soft">{say('drill_bar_safe')}</span>
      <button type="button" onClick={onStop}>
        {say('drill_stop')}
      </button>
      <progress max={drill.cards} value={drill.answered} aria-label={where} />
    </div>
  );
}
