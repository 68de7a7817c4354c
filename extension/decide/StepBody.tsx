import type { RequestView } from '@countersign/shared/contracts';
import { Attendance } from '../attend/Attendance.tsx';
import { Conversation } from '../attend/Conversation.tsx';
import type { Attend } from '../attend/use-attend.ts';
import { Card } from '../card/Card.tsx';
import type { Looks } from '../card/looks.ts';
import { LastLook } from '../edit/LastLook.tsx';
import type { useEdit } from '../edit/use-edit.ts';
import type { Connection } from '../keep/items.ts';
import { lazily } from '../surface/lazily.tsx';
import type { Step } from '../surface/route.ts';
import type { DraftHandle } from './use-draft.ts';
import type { FrictionHandle } from './use-friction.ts';

// A popup opens on a card; the forms come when somebody wants one. Not so what is approved from: a button must never
// arm under something that is still on its way.
const EditForm = lazily(() => import('../edit/EditForm.tsx').then((part) => part.EditForm));
const RejectForm = lazily(() => import('./RejectForm.tsx').then((part) => part.RejectForm));
const Reveal = lazily(() => import('./Reveal.tsx').then((part) => part.Reveal));
const ErrandForm = lazily(() => import('../attend/ErrandForm.tsx').then((part) => part.ErrandForm));

type Props = {
  step: Step;
  request: RequestView;
  connection: Connection;
  /** It takes this person's verdict. */
  votable: boolean;
  edit: ReturnType<typeof useEdit>;
  draft: DraftHandle;
  friction: FrictionHandle;
  looks: Looks;
  attend: Attend;
  onAsk: () => void;
};

/** What a step of a request shows: the card, or the form for what is being done with it. */
export function StepBody({ step, request, connection, edit, draft, friction, looks, ...more }: Props) {
  const me = connection.person.id;
  const view = { confirmations: friction.confirmations, onConfirm: friction.confirm, looks };
  switch (step) {
    case 'look':
      return (
        <>
          {request.canary && <Reveal canary={request.canary} />}
          <Card
            request={more.votable ? { ...request, friction: friction.friction } : request}
            me={me}
            access={connection}
            {...view}
            aside={
              <>
                <Attendance request={request} me={me} attend={more.attend} onAsk={more.onAsk} />
                <Conversation request={request} me={me} />
              </>
            }
          />
        </>
      );
    case 'edit':
      return <EditForm request={request} edit={edit} draft={draft} looks={looks} />;
    case 'check':
      return (
        <LastLook
          request={request}
          edit={edit}
          reason={draft.draft.edit_reason}
          friction={friction.friction}
          {...view}
        />
      );
    case 'reject':
      return (
        <RejectForm
          request={request}
          reason={draft.draft.reject_reason}
          onReason={(reject_reason) => draft.update({ reject_reason })}
        />
      );
    case 'ask':
    case 'revoke':
      return <ErrandForm step={step} request={request} me={me} draft={draft} />;
  }
}
