import type { Progress } from '../api/lines.ts';
import type { Trouble } from '../api/trouble.ts';
import { countText } from '../insights/numbers.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say } from '../words/say.ts';

type Props = {
  progress: Progress | null;
  trouble: Trouble | null;
  onStop: () => void;
  onAgain: () => void;
};

/** How far a backtest is, with a way to end it; or why there is none. */
export function Working({ progress, trouble, onStop, onAgain }: Props) {
  if (progress !== null) {
    const { stage, done, of } = progress;
    return (
      <div class="working">
        <label>
          <span>{say(`backtest_${stage}`, countText(done), countText(of))}</span>
          <progress {...(stage === 'waiting' ? {} : { value: done, max: Math.max(1, of) })} />
        </label>
        <button type="button" onClick={onStop}>
          {say('backtest_stop')}
        </button>
      </div>
    );
  }
  if (trouble === null) return null;
  return (
    <p class="notice warn" role="alert">
      {troubleText(trouble)}{' '}
      <button type="button" class="link" onClick={onAgain}>
        {say('try_again')}
      </button>
    </p>
  );
}
