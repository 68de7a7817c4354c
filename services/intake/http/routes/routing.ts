/** Who would hear of a request, and why. */
import { RouteExplanation, RouteQuestion } from '@countersign/shared/contracts';
import { explainQuestion, explainRoute } from '../../requests/route.ts';
import type { Routes } from '../route.ts';

const roles = ['admin', 'lead'] as const;
const answers = {
  200: { description: 'Those who would hear, and those who would not.', schema: RouteExplanation },
};

/** Mounts them. */
export function routingRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'get',
      path: '/v1/requests/{id}/route',
      summary:
        'Who would hear of this request now, by which channel and why; and who would not. Sends nothing.',
      roles,
      answers,
      problems: ['not_found', 'not_your_request'],
    },
    async ({ service, caller, id, c }) => {
      const explanation = await explainRoute(service, caller, id);
      return 'detail' in explanation ? explanation : c.json(explanation);
    },
  );
  routes.add(
    {
      method: 'post',
      path: '/v1/route',
      summary: 'The same for a call that nobody has proposed.',
      roles,
      body: RouteQuestion,
      answers,
    },
    async ({ service, caller, body, c }) => c.json(await explainQuestion(service, caller, body)),
  );
}
