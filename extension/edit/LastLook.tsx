import type { RequestView } from '@countersign/shared/contracts';
import { maskOf, titleOf, withArgs } from '@countersign/shared/plain';
import type { Looks } from '../card/looks.ts';
import { Payload } from '../card/Payload.tsx';
import { Plain } from '../card/Plain.tsx';
import { Tier } from '../card/Tier.tsx';
import { TimeLeft } from '../card/TimeLeft.tsx';
import { Title } from '../card/Title.tsx';
import type { Confirmations } from '../decide/friction.ts';
import { language, say, sayCount } from '../words/say.ts';
import { PolicyWord } from './PolicyWord.tsx';
import type { Edit } from './use-edit.ts';

type Props = {
  request: RequestView;
  edit: Edit;
  reason: string;
  friction: RequestView['friction'];
  confirmations: Confirmations;
  onConfirm: (next: Confirmations) => void;
  looks: Looks;
};

/** The last look before an edited approval: the new sentence, every change against what the agent asked for. */
export function LastLook(props: Props) {
  const { request, edit, reason, friction, confirmations, onConfirm, looks } = props;
  return (
    <article class={`card ${request.tier}`} aria-labelledby="card-title">
      <div class="meta">
        <Tier tier={edit.preview?.ok ? edit.preview.value.tier : request.tier} />
        <span class="who">{sayCount(edit.touched.length, 'changes_one', 'changes_many')}</span>
        <TimeLeft request={request} />
      </div>
      <h1 id="card-title">
        <Title segments={titleOf(withArgs(request, edit.args), language(), looks.uncovered)} />
      </h1>
      <Payload
        args={edit.args}
        before={request.args}
        friction={friction}
        confirmations={confirmations}
        onConfirm={onConfirm}
        mask={maskOf({ ...request, friction })}
        looks={looks}
      />
      <div class="facts">
        <PolicyWord preview={edit.preview} request={request} />
        <div class="fact">
          <span>{say('agent_is_told')}</span>
          <b>{say('agent_is_told_changes')}</b>
        </div>
      </div>
      {reason.trim() !== '' && (
        <p class="why">
          {say('your_reason')} “<Plain text={reason.trim()} />”
        </p>
      )}
    </article>
  );
}
