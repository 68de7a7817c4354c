/** Drills: practice with feedback. Nothing here knows a request, and no other call knows a card of a drill. */
import {
  AnswerDrill,
  Drill,
  DrillAnswered,
  DrillResult,
  Drills,
  DrillTeams,
  StartDrill,
} from '@countersign/shared/contracts';
import { answerDrill } from '../../drills/answer.ts';
import { readDrills, startDrill, stopDrill } from '../../drills/practise.ts';
import { drillTeams } from '../../drills/teams.ts';
import type { Routes } from '../route.ts';

const roles = ['reviewer'] as const;

/** Mounts them. */
export function drillRoutes(routes: Routes): void {
  routes.add(
    {
      method: 'get',
      path: '/v1/drills',
      summary: 'One’s own drill, where one is under way, and how the latest went.',
      roles,
      answers: { 200: { description: 'Nobody else is given them.', schema: Drills } },
    },
    async ({ service, caller, c }) => c.json(await readDrills(service, caller)),
  );

  routes.add(
    {
      method: 'post',
      path: '/v1/drills',
      summary: 'Start to practise: cards as in review, half of them with one thing wrong. None is a request.',
      roles,
      body: StartDrill,
      answers: {
        201: { description: 'The drill with its first card.', schema: Drill },
        200: { description: 'The one that is under way.', schema: Drill },
      },
      problems: ['too_busy'],
    },
    async ({ service, caller, body, c }) => {
      const started = await startDrill(service, caller, body.cards);
      return 'code' in started ? started : c.json(started.drill, started.created ? 201 : 200);
    },
  );

  routes.add(
    {
      method: 'post',
      path: '/v1/drills/{id}/answers',
      summary: 'Decide the card in front of one; what was wrong, and what to hold it against, comes at once.',
      roles,
      body: AnswerDrill,
      answers: {
        200: { description: 'The feedback, and the drill with the next card.', schema: DrillAnswered },
      },
      problems: ['not_found', 'stale', 'card_answered', 'confirmation_missing', 'too_busy'],
    },
    async ({ service, caller, id, body, c }) => {
      const done = await answerDrill(service, caller, id, body);
      return 'code' in done ? done : c.json(done);
    },
  );

  routes.add(
    {
      method: 'post',
      path: '/v1/drills/{id}/stop',
      summary: 'End a drill before its last card.',
      roles,
      answers: { 200: { description: 'How it went as far as it went.', schema: DrillResult } },
      problems: ['not_found', 'too_busy'],
    },
    async ({ service, caller, id, c }) => {
      const stopped = await stopDrill(service, caller, id);
      return 'code' in stopped ? stopped : c.json(stopped);
    },
  );

  routes.add(
    {
      method: 'get',
      path: '/v1/drills/teams',
      summary: 'How many of each team of five or more have practised. Who, and how it went, is theirs.',
      roles: ['lead'],
      answers: { 200: { description: 'That it was read is on record.', schema: DrillTeams } },
    },
    async ({ service, caller, c }) => c.json(await drillTeams(service, caller)),
  );
}
