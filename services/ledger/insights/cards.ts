/** What there was to read on a card, from the texts that lie beside the log. What was erased is not known, and not guessed. */
import { createHmac } from 'node:crypto';
import type { JsonObject } from '@countersign/shared/canonical';
import { countWords, signatureOf, type WordCounts } from '@countersign/shared/figures';
import { leavesOf } from '../history/words.ts';
import type { Beside, BesideStore } from '../sealing/beside.ts';
import type { Entry } from '../sealing/entry.ts';

/** A card: its words, and a digest that it has in common with near-identical ones. */
export type Card = { words: WordCounts; look: string };

/** So many cards are remembered: what was asked before the last 1,024 counts as forgotten by its readers. */
export const remembered = 1_024;

export type Cards = {
  /** Reads what lies beside these entries, which follow each other. */
  prepare(entries: readonly Entry[]): Promise<void>;
  /** The card whose text lies beside that entry; undefined where it is not there, or not any more. */
  at(seq: number, tool: string): Promise<Card | undefined>;
  forget(seq: number): void;
};

/** Entries that a version of a card lies beside. */
const hasCard = ({ type, payload, data }: Entry): boolean =>
  payload !== undefined && (type === 'request.edited' || data?.effect === 'approval_required');

type Text = { args?: JsonObject; said?: { reason?: unknown; preview?: unknown } };

/** What of it is on the card: the arguments, and what the agent says for them. */
function cardOf(text: string, tool: string, secret: string): Card | undefined {
  const { args, said } = JSON.parse(text) as Text;
  if (args === undefined) return undefined;
  const words = countWords([...leavesOf([args, said?.reason, said?.preview])]);
  const look = createHmac('sha256', secret).update(signatureOf(tool, args)).digest('base64url');
  return { words, look: look.slice(0, 22) };
}

/**
 * Opens them on what lies beside a log.
 *
 * @param secret keeps digests of cards from being found by trying
 */
export function openCards(beside: Pick<BesideStore, 'between'>, secret: string): Cards {
  const known = new Map<number, Card>();
  let prepared = { from: 0, to: 0, texts: new Map<number, Beside[]>() };

  async function textsAt(seq: number): Promise<Beside[]> {
    const isPrepared = seq >= prepared.from && seq < prepared.to;
    const texts = isPrepared ? prepared.texts : await beside.between(seq, seq + 1);
    return texts.get(seq) ?? [];
  }

  function keep(seq: number, tool: string, texts: readonly Beside[]): Card | undefined {
    const [text] = texts;
    const card = text && cardOf(text.text, tool, secret);
    if (card === undefined) return undefined;
    known.set(seq, card);
    for (const [oldest] of known) {
      if (known.size <= remembered) break;
      known.delete(oldest);
    }
    return card;
  }

  return {
    async prepare(entries) {
      const wanted = entries.filter(hasCard);
      const [first, last] = [wanted[0], wanted.at(-1)];
      if (first === undefined || last === undefined) return;
      const [from, to] = [first.seq, last.seq + 1];
      prepared = { from, to, texts: await beside.between(from, to) };
    },
    async at(seq, tool) {
      const there = known.get(seq);
      if (there !== undefined) return there;
      return keep(seq, tool, await textsAt(seq));
    },
    forget: (seq) => {
      known.delete(seq);
      prepared.texts.delete(seq);
    },
  };
}
