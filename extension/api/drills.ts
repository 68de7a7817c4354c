/** The calls behind practising. */
import type {
  AnswerDrill,
  Drill,
  DrillAnswered,
  DrillResult,
  Drills,
  DrillTeams,
} from '@countersign/shared/contracts';
import { type Access, call } from './call.ts';
import { isFields, isRequest, numbers, strings } from './guard.ts';
import type { Answer } from './trouble.ts';

/** One's own drill, if one is under way, and how the latest went. */
export function getDrills(access: Access): Promise<Answer<Drills>> {
  return call(access, { method: 'GET', path: '/v1/drills' }, isDrills);
}

/** Starts one; gives the one that is under way, if one is. */
export function startDrill(access: Access): Promise<Answer<Drill>> {
  return call(access, { method: 'POST', path: '/v1/drills', body: {} }, isDrill);
}

/** Decides the card in front. Sending the same again is harmless: it gets the same answer. */
export function answerDrill(access: Access, id: string, body: AnswerDrill): Promise<Answer<DrillAnswered>> {
  return call(
    access,
    { method: 'POST', path: `/v1/drills/${encodeURIComponent(id)}/answers`, body },
    isAnswered,
  );
}

/** Ends it before its last card. */
export function stopDrill(access: Access, id: string): Promise<Answer<DrillResult>> {
  return call(access, { method: 'POST', path: `/v1/drills/${encodeURIComponent(id)}/stop` }, isResult);
}

/** How many of each team have practised. Leads only. */
export function getDrillTeams(access: Access): Promise<Answer<DrillTeams>> {
  return call(access, { method: 'GET', path: '/v1/drills/teams' }, isTeams);
}

function isResult(value: unknown): value is DrillResult {
  return (
    isFields(value) &&
    strings(value, 'id', 'ended_at', 'why') &&
    numbers(value, 'cards', 'answered') &&
    isFields(value.wrong) &&
    numbers(value.wrong, 'n', 'found') &&
    Array.isArray(value.wrong.kinds) &&
    Array.isArray(value.wrong.depths) &&
    isFields(value.right) &&
    numbers(value.right, 'n', 'approved')
  );
}

function isDrill(value: unknown): value is Drill {
  return (
    isFields(value) &&
    strings(value, 'id') &&
    numbers(value, 'cards', 'answered') &&
    (value.card === undefined ||
      (isFields(value.card) && numbers(value.card, 'number') && isRequest(value.card.request))) &&
    (value.result === undefined || isResult(value.result))
  );
}

const isDrills = (value: unknown): value is Drills =>
  isFields(value) &&
  (value.drill === null || isDrill(value.drill)) &&
  Array.isArray(value.past) &&
  value.past.every(isResult);

const isAnswered = (value: unknown): value is DrillAnswered =>
  isFields(value) &&
  isDrill(value.drill) &&
  isFields(value.feedback) &&
  numbers(value.feedback, 'card') &&
  typeof value.feedback.wrong === 'boolean' &&
  typeof value.feedback.correct === 'boolean';

const isTeams = (value: unknown): value is DrillTeams =>
  isFields(value) &&
  Array.isArray(value.teams) &&
  value.teams.every((team) => isFields(team) && numbers(team, 'people', 'finished'));
