/** The conversation about a request: a reviewer asks, its agent answers, nothing is decided. */
import { AnswerQuestion, Ask, RequestView } from '@countersign/shared/contracts';
import { answerQuestion, askAgent } from '../../requests/question.ts';
import { plainView, viewFor } from '../../requests/view.ts';
import type { Routes } from '../route.ts';

/** Mounts it. */
export function questionRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'post',
      path: '/v1/requests/{id}/question',
      summary: 'Ask the agent without deciding. The time to decide goes on.',
      roles: ['reviewer'],
      body: Ask,
      answers: { 200: { description: 'The request with the question.', schema: RequestView } },
      problems: ['not_found', 'not_your_request', 'already_decided', 'too_many_questions', 'too_busy'],
    },
    async ({ service, caller, id, body, c }) => {
      const done = await askAgent(service, caller, id, body);
      return done.ok ? c.json(plainView(done.loaded, done.current)) : done.problem;
    },
  );

  routes.add(
    {
      method: 'post',
      path: '/v1/requests/{id}/answer',
      summary: 'Answer a reviewer’s question; without `question`, the one that has waited longest.',
      roles: ['agent'],
      body: AnswerQuestion,
      answers: { 200: { description: 'The request with the answer.', schema: RequestView } },
      problems: [
        'not_found',
        'not_your_request',
        'already_decided',
        'nothing_to_answer',
        'already_answered',
        'too_busy',
      ],
    },
    async ({ service, caller, id, body, c }) => {
      const done = await answerQuestion(service, caller, id, body);
      return done.ok ? c.json(await viewFor(service, caller, done.loaded, done.current)) : done.problem;
    },
  );
}
