/** Answering reviewers' questions while their request waits, without holding the wait up. */
import type { QuestionView, RequestView } from '@countersign/shared/contracts';
import type { Client } from './client.ts';
import { Refused } from './errors.ts';

/**
 * Answers a reviewer's question, in words meant for a person. Nothing, or only spaces, leaves it unanswered: the
 * reviewer then decides without. It may take its time; the request goes on waiting, and so does its deadline.
 */
export type OnQuestion = (
  question: QuestionView,
  request: RequestView,
) => string | undefined | Promise<string | undefined>;

/** Told of a question that found no answer because `onQuestion` threw, or because the server would not take it. */
export type OnUnanswered = (error: unknown, question: QuestionView) => void;

/** Codes that say that an answer has become pointless: somebody answered, decided, or took the request away. */
const pointless = new Set(['already_answered', 'already_decided', 'nothing_to_answer', 'not_found']);

/** The longest answer that the contract takes, in UTF-16 units. */
const longestAnswer = 8_000;

/**
 * A listener for a request's readings: puts each question to `onQuestion` once, and sends what it says. It never
 * throws and never waits; several questions are answered side by side.
 */
export function answering(
  client: Pick<Client, 'answer'>,
  onQuestion: OnQuestion,
  onUnanswered: OnUnanswered | undefined,
  signal: AbortSignal | undefined,
): (request: RequestView) => void {
  const taken = new Set<string>();

  async function answer(question: QuestionView, request: RequestView): Promise<void> {
    try {
      const text = (await onQuestion(question, request))?.trim() ?? '';
      if (text === '' || signal?.aborted) return;
      await client.answer(request.id, { question: question.id, text: sendable(text) }, { signal });
    } catch (error) {
      if (signal?.aborted || (error instanceof Refused && pointless.has(error.code))) return;
      onUnanswered?.(error, question);
    }
  }

  return (request) => {
    for (const question of request.questions ?? []) {
      if (question.answer !== undefined || taken.has(question.id)) continue;
      taken.add(question.id);
      void answer(question, request);
    }
  };
}

/** A model's words as the server takes them: no longer than it may be, and no half of a character. */
function sendable(text: string): string {
  const short = text.length > longestAnswer ? `${text.slice(0, longestAnswer - 1)}…` : text;
  return short.toWellFormed();
}
