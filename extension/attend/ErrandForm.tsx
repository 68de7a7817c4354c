import type { RequestView } from '@countersign/shared/contracts';
import type { DraftHandle } from '../decide/use-draft.ts';
import { say } from '../words/say.ts';
import { Conversation } from './Conversation.tsx';
import { WordsForm } from './WordsForm.tsx';

type Props = { step: 'ask' | 'revoke'; request: RequestView; me: string; draft: DraftHandle };

/** What the agent should explain before anyone decides, or why an approval is taken back before it runs. */
export function ErrandForm({ step, request, me, draft }: Props) {
  if (step === 'ask') {
    return (
      <WordsForm
        request={request}
        label={say('ask_label')}
        hint={say('ask_placeholder')}
        longest={2_000}
        words={draft.draft.question}
        onWords={(question) => draft.update({ question })}
        consequence={say('ask_consequence')}
        after={<Conversation request={request} me={me} />}
      />
    );
  }
  return (
    <WordsForm
      request={request}
      label={say('revoke_label')}
      hint={say('revoke_placeholder')}
      longest={8_000}
      words={draft.draft.revoke_reason}
      onWords={(revoke_reason) => draft.update({ revoke_reason })}
      consequence={say('revoke_consequence')}
    />
  );
}
