/** Reads what Slack sends when somebody presses a button or submits a modal: https://docs.slack.dev/reference/interaction-payloads */
import { actions, type Button, readButton } from '@countersign/shared/slack';
import { z } from 'zod';
import type { Origin } from './home.ts';

/** What somebody did. Nothing of it is to be believed before the signature is verified. */
export type Interaction = {
  button: Button;
  /** Id of the Slack user, by whom alone they are known: names are for anyone to choose. */
  user: string;
  origin: Origin;
} & (
  | { did: 'approve' | 'reject'; responseUrl: string | undefined }
  | { did: 'ask_reason'; responseUrl: string | undefined; trigger: string }
  | { did: 'give_reason'; reason: string }
  /** A link was followed, or a modal closed: Slack tells of that as well. */
  | { did: 'nothing' }
);

const Id = z.string().max(40);
const User = z.object({ id: Id });
/** Slack sends `null` for a team where an app is installed for a whole organization. */
const Sent = z.object({
  user: User,
  team: z.object({ id: Id }).nullish(),
  enterprise: z.object({ id: Id }).nullish(),
  api_app_id: Id.nullish(),
});
const Pressed = Sent.extend({
  type: z.literal('block_actions'),
  trigger_id: z.string().max(200).optional(),
  response_url: z.string().max(2_000).optional(),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().max(2_000).optional() })).min(1),
});
const Submitted = Sent.extend({
  type: z.enum(['view_submission', 'view_closed']),
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

/** Who did it, and where. */
function sentBy({ user, team, enterprise, api_app_id }: z.infer<typeof Sent>) {
  const origin = { team: team?.id, enterprise: enterprise?.id, app: api_app_id ?? undefined };
  return { user: user.id, origin };
}

function pressed(sent: z.infer<typeof Pressed>) {
  const {
    trigger_id,
    response_url: responseUrl,
    actions: [action],
  } = sent;
  const button = readButton(action?.value ?? '');
  if (button === undefined || action === undefined) return undefined;
  const known = { button, ...sentBy(sent) };
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

function submitted(sent: z.infer<typeof Submitted>): Interaction | undefined {
  const { type, view } = sent;
  const button = readButton(view.private_metadata);
  if (button === undefined) return undefined;
  const known = { button, ...sentBy(sent) };
  if (type === 'view_closed' || view.callback_id !== actions.rejectWithReason)
    return { ...known, did: 'nothing' };
  const reason = view.state?.values[reasonInput.block]?.[reasonInput.action]?.value ?? '';
  return { ...known, did: 'give_reason', reason };
}
