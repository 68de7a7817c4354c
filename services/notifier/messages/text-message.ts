/** A request as one short text message. Pure. */
import type { Notice } from '../channels/channel.ts';
import { deadlineOf, oneLine, sentenceOf } from './short-words.ts';
import { unlinked } from './unlinked.ts';

/** Characters: two parts where the sentence is plain, five at worst. */
const longest = 300;

/**
 * Tier, agent, what would happen, time left and the link; the sentence is what is cut. Of the arguments it holds what
 * policy put into its sentence and nothing else: carriers read along. The card's is the only address that can be
 * followed: phones make links of all that looks like one. Ours is plain ASCII, since one character beyond
 * GSM's alphabet makes every part half as long.
 *
 * @param now ms
 */
export function textMessage({ request, link }: Notice, now: number): string {
  const tier = request.tier.toUpperCase();
  const head = `${tier}: ${ascii(oneLine(unlinked(request.agent), 40))} asks for approval. `;
  const tail = `${capital(deadlineOf(request, now))}.${link === undefined ? '' : ` ${link}`}`;
  // Less the full stop, its space, and two characters for an ellipsis that becomes three dots.
  const room = longest - head.length - tail.length - 4;
  const what = request.card === undefined ? `Run ${oneLine(request.tool, 80)}` : sentenceOf(request, 200);
  const sentence = room < 20 ? '' : `${ascii(oneLine(unlinked(what), room)).replace(/[.!?]$/, '')}. `;
  return head + sentence + tail;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Our punctuation, said plainly: quotation marks inside a value must not end it. */
const ascii = (text: string): string =>
  text.replaceAll('"', "'").replaceAll(/[“”]/g, '"').replaceAll('…', '...');
