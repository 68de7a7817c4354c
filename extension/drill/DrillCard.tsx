import type { AnswerDrill, Drill, RequestView } from '@countersign/shared/contracts';
import { maskOf } from '@countersign/shared/plain';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Attend } from '../attend/use-attend.ts';
import { Card } from '../card/Card.tsx';
import { isPartlyShown, payloadRows } from '../card/folds.ts';
import { Home, homeOf } from '../card/home.ts';
import { useLooks } from '../card/looks.ts';
import { Actions } from '../decide/Actions.tsx';
import { RejectForm } from '../decide/RejectForm.tsx';
import { emptySession, isOpen } from '../decide/session.ts';
import { useFriction } from '../decide/use-friction.ts';
import { approval, rejection } from '../decide/verdict.ts';
import type { Connection } from '../keep/items.ts';
import { useKeys } from '../surface/keys.ts';
import { language } from '../words/say.ts';
import { DrillBar } from './DrillBar.tsx';
import { Told } from './Told.tsx';
import type { DrillHandle } from './use-drill.ts';

type Props = {
  connection: Connection;
  handle: DrillHandle;
  drill: Drill;
  card: NonNullable<Drill['card']>;
};

const nobody = async (): Promise<never> =>
  Promise.reject(new Error('there is no agent behind a card of practice'));
/** No agent waits and nobody else looks, so there is nothing to do about a card but to decide it. */
const unattended: Attend = {
  busy: null,
  trouble: null,
  claim: async () => undefined,
  ask: nobody,
  revoke: nobody,
};
const unconfirmed: RequestView['friction'] = { kind: 'none', paths: [] };
const nothing = (): void => undefined;

/** One card of practice: the card of review, its friction, its buttons and keys; then what is told of it. */
export function DrillCard({ connection, handle, drill, card: { number, request } }: Props) {
  const { told, sending, trouble } = handle.practice;
  const [rejecting, setRejecting] = useState(false);
  const [reason, setReason] = useState('');
  const step = rejecting && !told ? 'reject' : 'look';
  const face = `${request.id}:${request.args_digest}:${step}`;
  const friction = useFriction(request, request.args, face, trouble);
  const looks = useLooks();
  const main = useRef<HTMLElement>(null);
  const stage = `${step} ${told !== null}`;
  useEffect(() => {
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [stage]);
  useKeys({ j: (repeat) => !repeat && told && handle.goOn() });
  const rows = useMemo(() => payloadRows(request.args, undefined, language()), [request.args]);
  const hidden = !looks.whole && isPartlyShown(rows, request.args, maskOf(request), looks.unfolded);
  const session = { ...emptySession, shown: request, sending, trouble };
  const votable = told === null;

  const send = ({ verdict, seen, confirm }: Pick<AnswerDrill, 'verdict' | 'seen' | 'confirm'>) =>
    void handle.answer(drill, { card: number, verdict, seen, ...(confirm ? { confirm } : {}) });

  return (
    <Home.Provider value={homeOf(connection.person.email)}>
      <section class="one">
        <DrillBar drill={drill} onStop={() => void handle.stop(told?.then ?? drill)} />
        <main key={stage} ref={main} tabIndex={-1}>
          {told && <Told feedback={told.feedback} />}
          {step === 'reject' ? (
            <RejectForm request={request} reason={reason} onReason={setReason} practice />
          ) : (
            <Card
              request={{ ...request, friction: votable ? friction.friction : unconfirmed }}
              me={connection.person.id}
              access={connection}
              confirmations={friction.confirmations}
              onConfirm={friction.confirm}
              looks={looks}
            />
          )}
        </main>
        <Actions
          request={request}
          me={connection.person.id}
          step={step}
          face={face}
          grant={undefined}
          tier={request.tier}
          votable={votable}
          open={isOpen(session)}
          session={session}
          args={request.args}
          obstacle={
            hidden
              ? { kind: 'hidden' }
              : friction.missing.length > 0
                ? { kind: 'confirm', paths: friction.missing }
                : null
          }
          editReady={false}
          drafted={false}
          onWhole={looks.showWhole}
          onStep={(next) => {
            if (next === 'reject' || next === 'look') setRejecting(next === 'reject');
          }}
          onApprove={() => send(approval(request, friction.friction, undefined, ''))}
          onReject={() => send(rejection(request, ''))}
          attend={unattended}
          onLookAgain={nothing}
          onNext={handle.goOn}
        />
      </section>
    </Home.Provider>
  );
}
