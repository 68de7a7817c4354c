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
});

/** `seen` is what was on the screen, as a decision over HTTP has it (law 6). */
export type Button = {
  workspace: string;
  request_id: string;
  seen: { version: number; args_digest: string };
};

/** A button's `value`, and a modal's `private_metadata`. Grants nothing: who reads it trusts only what Slack has signed. */
export function buttonValue({ workspace, request_id, seen }: Button): string {
  return JSON.stringify({ w: workspace, r: request_id, v: seen.version, d: seen.args_digest });
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
  const { w, r, v, d } = shaped.data;
  return { workspace: w, request_id: r, seen: { version: v, args_digest: d } };
}
