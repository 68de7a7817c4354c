/** What a reviewer's surface claims of their attention, as it goes on record: with the verdict, and as a claim. Pure. */
import type { Attention } from '@countersign/shared/contracts';
import type { RequestRecord } from '@countersign/shared/request';
import type { Command, OfBatch } from './command.ts';

type Decide = Extract<Command, { kind: 'decide' }>;
/** Of this request; or of the batch it was in, whose times then are not its own. */
type Claimed = Attention & Partial<OfBatch>;

/**
 * The claim, held to what can be: nobody looked at a request for longer than it is there, nor for longer than since it
 * was first shown. A clock that was wrong, or a client that exaggerates, then only reaches that far.
 */
export function attentionOf(
  { created_at }: Pick<RequestRecord, 'created_at'>,
  { attention, batch_attention }: Decide,
  now: number,
): { attention?: Claimed } {
  const claim: Claimed = attention ?? batch_attention ?? {};
  if (Object.keys(claim).length === 0) return {};
  const { visible_ms, since_shown_ms, opened, ...rest } = claim;
  const shown = since_shown_ms === undefined ? undefined : Math.min(since_shown_ms, now - created_at);
  const longest = shown ?? now - created_at;
  return {
    attention: {
      ...rest,
      ...(visible_ms === undefined ? {} : { visible_ms: Math.min(visible_ms, longest) }),
      ...(shown === undefined ? {} : { since_shown_ms: shown }),
      ...(opened === undefined ? {} : { opened: [...new Set(opened)].toSorted() }),
    },
  };
}
