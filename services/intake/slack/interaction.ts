/** Reads what Slack sends when somebody presses a button or submits a modal: https://docs.slack.dev/reference/interaction-payloads */
import { actions, type Button, readButton } from '@countersign/shared/slack';
import { z } from 'zod';

/** What somebody did. Nothing of it is to be believed before the signature is verified. */
export type Interaction = {
  button: Button;
  /** Id of the Slack user, by whom alone they are known: names are for anyone to choose. */
  user: string;
} & (
  | { did: 'approve' | 'reject'; responseUrl: string | undefined }
  | { did: 'ask_reason'; responseUrl: string | undefined; trigger: string }
  | { did: 'give_reason'; reason: string }
  /** A link was followed, or a modal closed: Slack tells of that as well. */
  | { did: 'nothing' }
);

const User = z.object({ id: z.string().max(40) });
const Pressed = z.object({
  type: z.literal('block_actions'),
  user: User,
  trigger_id: z.string().max(200).optional(),
  response_url: z.string().max(2_000).optional(),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().max(2_000).optional() })).min(1),
});
const Submitted = z.object({
  type: z.enum(['view_submission', 'view_closed']),
  user: User,
  view: z.object({
    callback_id: z.string(),
    private_metadata: z.string().max(3_000),
    state: z
      .object({
        values: z.record(z.string(), z.record(z.string(), z.object({ value: z.string().nullish() }))),
      })
      .optional(),
  }),
});
const Payload = z.discriminatedUnion('type', [Pressed, Submitted]);

/** Where the modal keeps what is typed. */
export const reasonInput = { block: 'reason', action: 'text' } as const;

/** Reads the body of a request, a form with a member `payload`; undefined where it is nothing of ours. */
export function interactionOf(body: Uint8Array): Interaction | undefined {
  const payload = new URLSearchParams(Buffer.from(body).toString('utf8')).get('payload');
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload ?? '');
  } catch {
    return undefined;
  }
  const shaped = Payload.safeParse(parsed);
  if (!shaped.success) return undefined;
  return shaped.data.type === 'block_actions' ? pressed(shaped.data) : submitted(shaped.data);
}

function pressed({
  user,
  trigger_id,
  response_url: responseUrl,
  actions: [action],
}: z.infer<typeof Pressed>) {
  const button = readButton(action?.value ?? '');
  if (button === undefined || action === undefined) return undefined;
  const known = { button, user: user.id };
  switch (action.action_id) {
    case actions.approve:
      return { ...known, did: 'approve', responseUrl } satisfies Interaction;
    case actions.reject:
      return { ...known, did: 'reject', responseUrl } satisfies Interaction;
    case actions.rejectWithReason:
      return { ...known, did: 'ask_reason', responseUrl, trigger: trigger_id ?? '' } satisfies Interaction;
    default:
      return { ...known, did: 'nothing' } satisfies Interaction;
  }
}

function submitted({ type, user, view }: z.infer<typeof Submitted>): Interaction | undefined {
  const button = readButton(view.private_metadata);
  if (button === undefined) return undefined;
  const known = { button, user: user.id };
  if (type === 'view_closed' || view.callback_id !== actions.rejectWithReason)
    return { ...known, did: 'nothing' };
  const reason = view.state?.values[reasonInput.block]?.[reasonInput.action]?.value ?? '';
  return { ...known, did: 'give_reason', reason };
}
