/** What Slack's answers mean for a delivery: https://docs.slack.dev/reference/methods/chat.postMessage#errors */
import type { JsonObject } from '@countersign/shared/contracts';
import type { Called } from '@countersign/shared/slack';
import { type Outcome, sentNothing } from './channel.ts';
import { outcomeOf } from './http-outcome.ts';

/** Where one conversation was brought. */
export type Brought<Shown> =
  | { kind: 'shown'; shown: Shown }
  /** It has no message of ours, and needs none. */
  | { kind: 'none' }
  | NotBrought;

type NotBrought = Exclude<Outcome, { kind: 'delivered' | 'not_needed' }>;

/** The token, or the conversation, is no more. */
const gone = new Set([
  'token_revoked',
  'account_inactive',
  'channel_not_found',
  'is_archived',
  'user_not_found',
]);

/** Trying again changes nothing: somebody has to change the app, the conversation or us. */
const never = new Set([
  'not_in_channel',
  'invalid_auth',
  'not_authed',
  'token_expired',
  'not_allowed_token_type',
  'missing_scope',
  'no_permission',
  'access_denied',
  'ekm_access_denied',
  'team_access_not_granted',
  'restricted_action',
  'restricted_action_read_only_channel',
  'user_disabled',
  'cannot_dm_bot',
  'messages_tab_disabled',
  'cant_update_message',
  'edit_window_closed',
  'invalid_arguments',
  'invalid_blocks',
  'invalid_metadata_format',
  'msg_too_long',
  'msg_blocks_too_long',
]);

/** A call that did not succeed. What Slack may think better of, and what is not known here, is tried again. */
export function refusal(called: Exclude<Called, { kind: 'ok' }>): NotBrought {
  if (called.kind === 'error') {
    const { error, retry_after_ms } = called;
    const isGone = gone.has(error);
    return {
      kind: 'failed',
      code: `slack_${error}`,
      status: 200,
      response: error,
      ...(retry_after_ms === undefined ? {} : { retry_after_ms }),
      retry: isGone || never.has(error) ? 'never' : 'scheduled',
      gone: isGone,
    };
  }
  const outcome = outcomeOf(called.answer, { gone: [] });
  if (outcome.kind === 'failed') {
    // An answer may repeat what it was sent, arguments included, and the log must not (law 12).
    const { response: _repeated, ...rest } = outcome;
    return rest;
  }
  if (outcome.kind === 'not_tried') return outcome;
  return { kind: 'failed', code: 'slack_unreadable', retry: 'scheduled', gone: false };
}

/**
 * The delivery as a whole. It is tried again while any conversation may yet be reached; then it is delivered if any was.
 *
 * @param keep what is there by now, in whichever conversation
 */
export function outcomeOfAll(brought: [string, Brought<unknown>][], keep: JsonObject | undefined): Outcome {
  const failed = brought.flatMap(([, each]) => (each.kind === 'failed' ? [each] : []));
  const kept = keep === undefined ? {} : { keep };
  const [again] = failed
    .filter(({ retry }) => retry === 'scheduled')
    .sort((a, b) => (b.retry_after_ms ?? 0) - (a.retry_after_ms ?? 0));
  if (again !== undefined) {
    const { nothing_sent: _here, ...failed } = again;
    const nowhere = brought.every(
      ([, each]) => each.kind === 'none' || (each.kind !== 'shown' && sentNothing(each)),
    );
    return { ...failed, ...(nowhere ? { nothing_sent: true } : {}), ...kept };
  }
  if (brought.some(([, { kind }]) => kind === 'shown')) {
    return { kind: 'delivered', status: 200, response: brought.map(lineOf).join(', '), ...kept };
  }
  const [first] = failed;
  if (first !== undefined) {
    return { ...first, gone: failed.length === brought.length && failed.every((each) => each.gone), ...kept };
  }
  const refused = brought.flatMap(([, each]) => (each.kind === 'not_tried' ? [each] : []));
  return refused[0] ?? { kind: 'not_needed' };
}

/** What the delivery log says of one conversation: never the answer itself, which repeats the message. */
function lineOf([name, each]: [string, Brought<unknown>]): string {
  return `${name}: ${each.kind === 'failed' || each.kind === 'not_tried' ? each.code : each.kind}`;
}
