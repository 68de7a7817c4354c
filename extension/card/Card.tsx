import type { RequestView } from '@countersign/shared/contracts';
import { maskOf, titleOf } from '@countersign/shared/plain';
import type { ComponentChildren } from 'preact';
import type { Access } from '../api/call.ts';
import type { Confirmations } from '../decide/friction.ts';
import { language, say } from '../words/say.ts';
import { AgentWords } from './AgentWords.tsx';
import { Background } from './Background.tsx';
import { Facts } from './Facts.tsx';
import type { Looks } from './looks.ts';
import { Payload } from './Payload.tsx';
import { Plain } from './Plain.tsx';
import { Progress } from './Progress.tsx';
import { RunBefore } from './RunBefore.tsx';
import { Tier } from './Tier.tsx';
import { TimeLeft } from './TimeLeft.tsx';
import { Title } from './Title.tsx';
import { Verdict } from './Verdict.tsx';
import { Why } from './Why.tsx';

type Props = {
  request: RequestView;
  /** The id of the person who looks, and how to read more for them. */
  me: string;
  access: Access;
  confirmations: Confirmations;
  onConfirm: (next: Confirmations) => void;
  looks: Looks;
  /** What stands under the agent's words: who is on it, and what was asked. */
  aside?: ComponentChildren;
};

/**
 * One request, to be judged in seconds: what will happen, with which values, whether it can be taken back, what the
 * agent says, why a person is asked; then everything else, folded.
 */
export function Card({ request, me, access, confirmations, onConfirm, looks, aside }: Props) {
  const open = request.status === 'pending';
  const mask = maskOf(request);
  return (
    <article class={`card ${request.tier}`} data-request={request.id} aria-labelledby="card-title">
      <div class="meta">
        <Tier tier={request.tier} />
        <span class="who">
          <Plain text={request.agent} />
        </span>
        <TimeLeft request={request} />
      </div>
      <h1 id="card-title">
        <Title segments={titleOf(request, language(), looks.uncovered)} />
      </h1>
      <Verdict request={request} me={me} />
      {request.erased === true && <p class="notice warn">{say('erased')}</p>}
      {request.warnings.map((warning) => (
        <p key={warning} class="notice warn">
          <Plain text={warning} />
        </p>
      ))}
      {request.proposed_args && <p class="notice">{say('edited_since_proposed')}</p>}
      <Payload
        args={request.args}
        before={request.proposed_args}
        friction={open ? request.friction : { kind: 'none', paths: [] }}
        confirmations={confirmations}
        onConfirm={onConfirm}
        mask={mask}
        looks={looks}
      />
      <Facts request={request} />
      <Progress request={request} me={me} />
      <AgentWords request={request} />
      {aside}
      <Why request={request} mask={mask} looks={looks} />
      {request.run_id !== undefined && <RunBefore access={access} request={request} />}
      <Background request={request} me={me} mask={mask} looks={looks} />
    </article>
  );
}
