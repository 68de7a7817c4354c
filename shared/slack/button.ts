/** What a button of a message in Slack carries: which request it is about, and the state of it that the message shows. */
import { z } from 'zod';
import { workspaceName } from '../keys/index.ts';

/** The `action_id` of each button, and the `callback_id` of the modal that asks for a reason. */
export const actions = {
  approve: 'countersign.approve',
  reject: 'countersign.reject',
  rejectWithReason: 'countersign.reject_with_reason',
  open: 'countersign.open',
} as const;

const Value = z.object({
  // It names keys in Redis before anything is verified.
  w: z.string().regex(workspaceName),
  r: z.string().min(1).max(80),
  v: z.number().int().positive(),
  d: z.string().max(80),
  // Messages from before it was there have none.
  t: z.string().min(1).max(80).optional(),
});

/** `seen` is what was on the screen, as a decision over HTTP has it (law 6). */
export type Button = {
  workspace: string;
  /** Id of the destination whose app has written the message, and by whose app alone what is pressed is verified. */
  destination?: string | undefined;
  request_id: string;
  seen: { version: number; args_digest: string };
};

/** A button's `value`, and a modal's `private_metadata`. Grants nothing: who reads it trusts only what Slack has signed. */
export function buttonValue({ workspace, destination, request_id, seen }: Button): string {
  return JSON.stringify({
    w: workspace,
    t: destination,
    r: request_id,
    v: seen.version,
    d: seen.args_digest,
  });
}

/** Reads it back, or undefined where it is none of ours. */
export function readButton(value: string): Button | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return undefined;
  }
  const shaped = Value.safeParse(parsed);
  if (!shaped.success) return undefined;
  const { w, t, r, v, d } = shaped.data;
  return { workspace: w, destination: t, request_id: r, seen: { version: v, args_digest: d } };
}
