/** The requests of the study: what a real agent wrote to a real system's copy, drawn again by conversation. */
import { existsSync, readFileSync } from 'node:fs';
import type { JsonObject } from '@countersign/shared/canonical';
import {
  countWords,
  novelWords,
  signatureOf,
  totalWords,
  type WordCounts,
} from '@countersign/shared/figures';
import type { Chance } from '../chance.ts';

/** Beside the project, not in it. */
export const recordedFile = new URL('../../../shared/data/airline-tool-calls.jsonl', import.meta.url);

/** A call that changes something, as a reviewer would be asked about it. `wrong`: not the call that the annotators expected. */
export type Card = {
  conversation: string;
  tool: string;
  wrong: boolean;
  signature: string;
  words: WordCounts;
};

type Line = {
  trajectory: string;
  tool: string;
  args: JsonObject;
  kind: string;
  expected?: boolean;
  customer_said: string | null;
  agent_said: string | null;
};

/** Every recorded write, by conversation, in order; undefined where the file is absent. Conversations without a write are left out. */
export function recordedConversations(file: URL | string = recordedFile): Card[][] | undefined {
  if (!existsSync(file)) return undefined;
  const conversations = new Map<string, Card[]>();
  for (const text of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const { trajectory, tool, args, kind, expected, customer_said, agent_said }: Line = JSON.parse(text);
    if (kind !== 'write') continue;
    const texts = [JSON.stringify(args), customer_said ?? '', agent_said ?? ''];
    const card = {
      conversation: trajectory,
      tool,
      wrong: expected !== true,
      signature: signatureOf(tool, args),
      words: countWords(texts),
    };
    conversations.set(trajectory, [...(conversations.get(trajectory) ?? []), card]);
  }
  return [...conversations.values()];
}

/** How often to keep a wrong card, so that a share `wrong` of all cards is. */
export function keepingOf(conversations: readonly Card[][], wrong: number): number {
  const cards = conversations.flat();
  const bad = cards.filter((card) => card.wrong).length;
  return Math.min(1, (wrong * (cards.length - bad)) / (bad * (1 - wrong)));
}

/** Cards without end: conversations drawn with replacement, each whole and in its order, wrong cards kept with the chance `keeping`. */
export function* resampled(
  conversations: readonly Card[][],
  keeping: number,
  draw: Chance,
): Generator<Card, never> {
  for (;;) {
    for (const card of conversations[Math.floor(draw() * conversations.length)] ?? [])
      if (!card.wrong || draw() < keeping) yield card;
  }
}

/** What one reader has seen: how often each kind of card, and the last two of it that came from different conversations. */
export type Memory = Map<string, { times: number; last: Card; other?: Card }>;

/**
 * How many words of a card are new to a reader, and how many near-identical ones they saw before. A conversation drawn
 * again stands for another customer's, so it is compared with the last near-identical card of *another* conversation:
 * that a copy has no new word would be the study's doing.
 */
export function noticed(memory: Memory, card: Card): { novel: number; times: number } {
  const seen = memory.get(card.signature);
  if (seen === undefined) {
    memory.set(card.signature, { times: 1, last: card });
    return { novel: totalWords(card.words), times: 0 };
  }
  const again = seen.last.conversation === card.conversation;
  const before = again ? seen.other : seen.last;
  const other = again ? seen.other : seen.last;
  memory.set(card.signature, {
    times: seen.times + 1,
    last: card,
    ...(other === undefined ? {} : { other }),
  });
  return { novel: novelBetween(card, before), times: seen.times };
}

const known = new Map<Card, Map<Card | undefined, number>>();

/** `novelWords`, remembered: the same few pairs are asked for millions of times. */
function novelBetween(card: Card, before: Card | undefined): number {
  let pairs = known.get(card);
  if (pairs === undefined) {
    pairs = new Map();
    known.set(card, pairs);
  }
  let novel = pairs.get(before);
  if (novel === undefined) {
    novel = novelWords(card.words, before?.words);
    pairs.set(before, novel);
  }
  return novel;
}
