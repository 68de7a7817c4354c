import type { Mine } from '@countersign/shared/contracts';
import { hashOf } from '../surface/route.ts';
import { say } from '../words/say.ts';
import { notSaid, timesText, timeText } from './numbers.ts';
import { RateBar } from './RateBar.tsx';

/** One's own figures: nobody else is shown them, and they are compared with nobody's. */
export function MyFigures({ mine }: { mine: Mine }) {
  const { all, streak, catches } = mine;
  return (
    <section aria-label={say('mine_title')}>
      <h2>{say('mine_title')}</h2>
      <p class="hint">{say('mine_hint')}</p>
      <dl class="own">
        <dt>{say('mine_verdicts')}</dt>
        <dd>{say('mine_counts', all.verdicts, all.approved, all.edited, all.rejected)}</dd>
        <dt>{say('chart_approved')}</dt>
        <dd>
          <RateBar rate={all.approval} from={0} tone="unknown" />
        </dd>
        <dt>{say('figure_took')}</dt>
        <dd>
          {all.time.enough ? timeText(all.time.median) : notSaid(all.time)}
          {all.pace.enough && <small> {say('figure_pace', timesText(all.pace.median))}</small>}
        </dd>
        <dt>{say('chart_too_fast')}</dt>
        <dd>
          <RateBar rate={all.too_fast} from={0} tone="unknown" />
        </dd>
        <dt>{say('mine_streak')}</dt>
        <dd>{say('mine_streak_is', streak.now, streak.longest)}</dd>
        <dt>{say('chart_caught')}</dt>
        <dd>
          <RateBar rate={catches} from={0} tone="unknown" />
        </dd>
      </dl>
      <p>
        <a href={hashOf({ kind: 'drill' })}>{say('drill_offer')}</a>
      </p>
    </section>
  );
}
