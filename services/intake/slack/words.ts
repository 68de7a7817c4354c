/** What a person in Slack is told, in plain words, and the modal that asks them for a reason. Pure. */
import type { JsonObject, Problem, ProblemCode } from '@countersign/shared/contracts';
import type { RequestRecord } from '@countersign/shared/request';
import { actions, type Button, buttonValue, escapeText } from '@countersign/shared/slack';
import { reasonInput } from './interaction.ts';

/** Slack lets a text input have as many characters. */
const longestReason = 3_000;

/** To somebody whom the workspace does not know by this account, or who may not decide in it. */
export const unknownPerson =
  'Nothing was decided: no reviewer of this workspace goes by your Slack account. An admin can enter its member id with your person.';

const told: Partial<Record<ProblemCode, string>> = {
  not_found: 'Nothing was decided: this request is not kept any more.',
  not_your_request:
    'Nothing was decided: this request is for others to decide, or it comes from an agent of yours.',
  stale:
    'Nothing was decided: the request has changed since this message was written. Look at the message again, or open it.',
  confirmation_missing:
    'Nothing was decided: values have to be confirmed first. Open the request to decide it.',
  too_busy: 'Nothing was decided: others keep changing this request. Press again.',
};

/** Why nothing was decided. A detail of ours holds names, and no arguments. */
export function refusalText({ code, detail }: Problem): string {
  return told[code] ?? `Nothing was decided: ${detail}`;
}

/** What there is to say that the message itself will not, once a verdict counts; undefined where it says it all. */
export function verdictText({ status, release_at }: RequestRecord): string | undefined {
  if (status !== 'pending') return undefined;
  return release_at === undefined
    ? 'Your approval counts. Others have to approve as well.'
    : 'Your approval counts, and is held for a moment. Open the request to take it back.';
}

/** The modal could not be opened. */
export const noModal = 'Slack did not open the form for your reason. Nothing was decided; press again.';

/** A message for one person only, beside the one they pressed. */
export function whisper(text: string): JsonObject {
  const blocks = [{ type: 'section', text: { type: 'plain_text', text, emoji: false } }];
  return { response_type: 'ephemeral', replace_original: false, text: escapeText(text), blocks };
}

const plain = (text: string): JsonObject => ({ type: 'plain_text', text, emoji: false });

/** Asks for the reason of a rejection. What was on the screen goes with it, so that it rejects just that. */
export function reasonModal(button: Button): JsonObject {
  return {
    type: 'modal',
    callback_id: actions.rejectWithReason,
    private_metadata: buttonValue(button),
    title: plain('Reject'),
    submit: plain('Reject'),
    close: plain('Not yet'),
    blocks: [
      {
        type: 'input',
        block_id: reasonInput.block,
        label: plain('Why? The agent is told.'),
        element: {
          type: 'plain_text_input',
          action_id: reasonInput.action,
          multiline: true,
          max_length: longestReason,
        },
      },
    ],
  };
}

/** In the modal's place: why it came to nothing. */
export function refusalModal(text: string, button: Button): JsonObject {
  return {
    type: 'modal',
    callback_id: actions.open,
    private_metadata: buttonValue(button),
    title: plain('Nothing was decided'),
    close: plain('Close'),
    blocks: [{ type: 'section', text: plain(text) }],
  };
}
