import type { Decide } from '@countersign/shared/contracts';
import { maskOf } from '@countersign/shared/plain';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { serverNow } from '../api/clock.ts';
import { ErrandFooter } from '../attend/ErrandFooter.tsx';
import { useAttend } from '../attend/use-attend.ts';
import { isPartlyShown, payloadRows } from '../card/folds.ts';
import { Home, homeOf } from '../card/home.ts';
import { useLooks } from '../card/looks.ts';
import { isRefused } from '../edit/PolicyWord.tsx';
import { useEdit } from '../edit/use-edit.ts';
import { GrantChoice } from '../grants/GrantChoice.tsx';
import { grantOf, offerOf } from '../grants/offer.ts';
import type { Connection } from '../keep/items.ts';
import { rememberReason } from '../keep/reasons.ts';
import { go, readPlace, type Step } from '../surface/route.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { language, say } from '../words/say.ts';
import { askWorker } from '../worker/ask.ts';
import { Actions } from './Actions.tsx';
import { noteHeld } from './held.ts';
import { obstacleOf } from './obstacle.ts';
import { isPossible } from './possible.ts';
import { StepBody } from './StepBody.tsx';
import { isOpen } from './session.ts';
import { useAttention } from './use-attention.ts';
import type { DraftHandle } from './use-draft.ts';
import { useDraft } from './use-draft.ts';
import { useFriction } from './use-friction.ts';
import { type SessionHandle, useSession } from './use-session.ts';
import { approval, ownVerdict, rejection } from './verdict.ts';

type Props = {
  connection: Connection;
  id: string;
  step: Step;
  /** The revision that the queue knows; a change means that there is something to read. */
  revision: number | undefined;
  /** Goes on to the next request; absent where there is none. */
  onNext: (() => void) | undefined;
  /** Stands between the request and its buttons, so that the buttons keep their places. */
  bar: ComponentChildren;
};

/** One request with all that can be done about it. */
export function RequestPage({ connection, id, step, revision, onNext, bar }: Props) {
  const handle = useSession(connection, id);
  const { session, reload } = handle;
  const shown = session.shown;
  const draft = useDraft(shown);
  const me = connection.person.id;

  useEffect(() => {
    if (revision !== undefined && shown && revision > shown.revision) void reload();
  }, [revision]);
  useEffect(() => {
    if (shown?.status !== 'pending' || shown.expires_at === null) return;
    const left = Date.parse(shown.expires_at) - serverNow();
    // Beyond 24.8 days a timer would fire at once.
    if (left > 2 ** 31 - 1) return;
    const timer = setTimeout(() => void reload(), Math.max(0, left) + 500);
    return () => clearTimeout(timer);
  }, [shown?.expires_at, shown?.status]);
  useEffect(() => {
    if (shown) void noteHeld(shown, me);
  }, [shown?.revision, shown?.id]);

  if (!shown || !draft) {
    return (
      <>
        <main>
          {session.trouble && (
            <div class="blank" role="alert">
              <p>{troubleText(session.trouble)}</p>
              <button type="button" onClick={() => void reload()}>
                {say('try_again')}
              </button>
            </div>
          )}
        </main>
        {bar}
      </>
    );
  }
  return (
    <Opened
      key={`${shown.id}:${shown.version}`}
      connection={connection}
      handle={handle}
      shown={shown}
      draft={draft}
      step={step}
      onNext={onNext}
      bar={bar}
    />
  );
}

type OpenedProps = {
  connection: Connection;
  handle: SessionHandle;
  shown: NonNullable<SessionHandle['session']['shown']>;
  draft: DraftHandle;
  step: Step;
  onNext: (() => void) | undefined;
  bar: ComponentChildren;
};

function Opened({ connection, handle, shown, draft, step: wanted, onNext, bar }: OpenedProps) {
  const { session, send, take, lookAgain } = handle;
  const me = connection.person.id;
  const edit = useEdit(connection, shown, draft.draft.edits);
  const votable = shown.status === 'pending' && shown.erased !== true && !ownVerdict(shown, me);
  // A link to a step that is no longer possible shows the card.
  const step = isPossible(wanted, shown, votable, edit.touched.length > 0, serverNow()) ? wanted : 'look';
  const args = step === 'check' ? edit.args : shown.args;
  const face = `${shown.id}:${shown.version}:${shown.args_digest}:${step}:${step === 'check' ? JSON.stringify(args) : ''}`;
  const friction = useFriction(shown, args, face, session.trouble);
  const looks = useLooks();
  const claim = useAttention(shown, looks);
  const attend = useAttend(connection, shown.id, take);
  // Nothing is granted that was not ticked for this very card.
  const [granting, setGranting] = useState(false);
  const offer = votable && step === 'look' ? offerOf(shown) : undefined;
  const grant = offer && granting ? grantOf(offer) : undefined;
  const main = useRef<HTMLElement>(null);
  // The request gets the focus, never a button: Space and the arrows scroll it, and screen readers begin there.
  useEffect(() => {
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [step]);
  const before = step === 'check' ? shown.args : shown.proposed_args;
  const rows = useMemo(() => payloadRows(args, before, language()), [args, before]);
  const hidden = !looks.whole && isPartlyShown(rows, args, maskOf(shown), looks.unfolded);

  const toStep = (next: Step) => go({ kind: 'request', id: shown.id, step: next }, 'replace');
  const settle = async (body: Decide) => {
    const attended = claim();
    // Before it is sent: a popup may close as soon as it shows that the verdict arrived.
    if (body.verdict === 'reject' && body.reason !== undefined) await rememberReason(body.reason);
    const request = await send({ ...body, ...attended });
    if (!request) return;
    draft.drop();
    if (isHere(shown.id)) toStep('look');
    await noteHeld(request, me);
    void askWorker({ kind: 'wake' });
  };

  return (
    <Home.Provider value={homeOf(connection.person.email)}>
      <main key={step} ref={main} tabIndex={-1}>
        <StepBody
          step={step}
          request={shown}
          connection={connection}
          votable={votable}
          edit={edit}
          draft={draft}
          friction={friction}
          looks={looks}
          attend={attend}
          onAsk={() => toStep('ask')}
        />
      </main>
      {bar}
      {offer && <GrantChoice request={shown} offer={offer} chosen={granting} onChoose={setGranting} />}
      {step === 'ask' || step === 'revoke' ? (
        <ErrandFooter
          step={step}
          face={face}
          attend={attend}
          draft={draft}
          onBack={() => toStep('look')}
          onDone={() => isHere(shown.id) && toStep('look')}
        />
      ) : (
        <Actions
          request={shown}
          me={me}
          step={step}
          face={grant ? `${face}:grant` : face}
          grant={grant}
          tier={step === 'check' && edit.preview?.ok ? edit.preview.value.tier : shown.tier}
          votable={votable}
          open={isOpen(session)}
          session={session}
          args={args}
          obstacle={hidden ? { kind: 'hidden' } : obstacleOf(friction.missing, step, edit)}
          editReady={
            edit.touched.length > 0 && Object.keys(edit.problems).length === 0 && !isRefused(edit.preview)
          }
          drafted={edit.touched.length > 0}
          onWhole={looks.showWhole}
          onStep={toStep}
          onApprove={() => {
            const edited = step === 'check' ? edit.args : undefined;
            void settle(
              approval(
                shown,
                friction.friction,
                edited,
                step === 'check' ? draft.draft.edit_reason : '',
                grant,
              ),
            );
          }}
          onReject={() => void settle(rejection(shown, draft.draft.reject_reason))}
          attend={attend}
          onLookAgain={lookAgain}
          onNext={onNext}
        />
      )}
    </Home.Provider>
  );
}

/** Whoever has gone on to something else while an answer was on its way is not pulled back. */
function isHere(id: string): boolean {
  const here = readPlace(location.hash);
  return here.kind === 'request' && here.id === id;
}
