import type { RequestView } from '@countersign/shared/contracts';
import { language, say } from '../words/say.ts';
import { Alike } from './Alike.tsx';
import { durationText, likenessOf, type Offer } from './offer.ts';

type Props = {
  request: RequestView;
  offer: Offer;
  chosen: boolean;
  onChoose: (chosen: boolean) => void;
};

/**
 * Whether the approval is to stand for the next calls like this one. Off until somebody ticks it; then it says what
 * "like this" means. It stands above the buttons, which keep their places.
 */
export function GrantChoice({ request, offer, chosen, onChoose }: Props) {
  const time = durationText(offer.seconds, language());
  return (
    <div class={`grant-choice${chosen ? ' chosen' : ''}`}>
      <label>
        <input
          type="checkbox"
          checked={chosen}
          aria-describedby="grant-meaning"
          onChange={(event) => onChoose(event.currentTarget.checked)}
        />
        <span>
          {offer.calls === 1 ? say('grant_next_one', time) : say('grant_next_many', offer.calls, time)}
        </span>
      </label>
      <p id="grant-meaning" hidden={!chosen}>
        <Alike likeness={likenessOf(request, request.grantable?.per ?? null)} /> {say('grant_unasked')}
      </p>
    </div>
  );
}
