/** A question to the agent that waits, and its answer: the reviewer's and the agent's words, erased with the payload. */
import { z } from 'zod';

/** How many questions one request takes. Whoever needs more should reject, and say what is missing. */
export const mostQuestions = 20;

const id = z.string().max(20).meta({ description: '`q1`, `q2`, … within the request.' });
const words = (longest: number) =>
  z.string().max(longest).regex(/\S/, 'must say something').meta({ description: 'Plain text.' });

/** `POST /v1/requests/{id}/question`. */
export const Ask = z.strictObject({ text: words(2_000) }).meta({ id: 'Ask' });
export type Ask = z.infer<typeof Ask>;

/** `POST /v1/requests/{id}/answer`. Without `question` it answers the one that has waited longest. */
export const AnswerQuestion = z
  .strictObject({ question: id.optional(), text: words(8_000) })
  .meta({ id: 'AnswerQuestion' });
export type AnswerQuestion = z.infer<typeof AnswerQuestion>;

/** A question as the request shows it. Its words are empty once they were erased. */
export const QuestionView = z
  .object({
    id,
    by: z.string().meta({ description: 'The reviewer who asked.' }),
    at: z.iso.datetime(),
    text: z.string(),
    answer: z.object({ at: z.iso.datetime(), text: z.string() }).optional(),
  })
  .meta({ id: 'Question' });
export type QuestionView = z.infer<typeof QuestionView>;
