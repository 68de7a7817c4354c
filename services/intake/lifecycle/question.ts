/** Asking the agent without deciding. The clock goes on, and what is judged stays what it is: no new version. */
import { mostQuestions, type Problem, problem } from '@countersign/shared/contracts';
import type { QuestionRecord, RequestRecord } from '@countersign/shared/request';
import type { Command, Decision, World } from './command.ts';
import { agent, eventOf, person } from './event.ts';
import { deciders } from './quorum.ts';
import { alreadyDecided } from './verdict.ts';

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

/** The id that the next question of a request gets. */
export function nextQuestion({ questions = [] }: RequestRecord): string {
  return `q${questions.length + 1}`;
}

/** The question that has waited longest for its answer. */
export function oldestUnanswered({ questions = [] }: RequestRecord): QuestionRecord | undefined {
  return questions.find(({ answered_at }) => answered_at === undefined);
}

/** A reviewer wants to know something before deciding. Only those who may decide, while there is something to decide. */
export function ask(request: RequestRecord, command: Of<'ask'>, world: World): Decision {
  const refuse = (refusal: Problem): Decision => ({ request, events: [], refusal });
  const { questions = [] } = request;
  if (request.status !== 'pending') return refuse(alreadyDecided(request));
  if (deciders(request, [command.reviewer], world).length === 0) {
    return refuse(problem('not_your_request', 'Only those who may decide it may ask its agent.'));
  }
  if (questions.length >= mostQuestions) {
    const detail = `${mostQuestions} questions have been asked about it. Decide it, or reject it and say what is missing.`;
    return refuse(problem('too_many_questions', detail));
  }
  const { question: id, commitment } = command;
  const next = { ...request, questions: [...questions, { id, by: command.reviewer, at: world.now }] };
  const data = { question: id, commitment };
  return {
    request: next,
    events: [eventOf(next, 'question.asked', person(command.reviewer), world.now, data)],
  };
}

/** The agent answers, once for each question. */
export function answer(request: RequestRecord, command: Of<'answer'>, world: World): Decision {
  const refuse = (refusal: Problem): Decision => ({ request, events: [], refusal });
  const { questions = [] } = request;
  if (request.status !== 'pending') return refuse(alreadyDecided(request));
  const { question: id, commitment } = command;
  if (id === undefined) {
    const detail = 'Nobody waits for an answer. Read the request again for its questions.';
    return refuse(problem('nothing_to_answer', detail));
  }
  const asked = questions.find((question) => question.id === id);
  if (asked === undefined)
    return refuse(problem('not_found', `There is no question ${id} about this request.`));
  if (asked.answered_at !== undefined) {
    return refuse(problem('already_answered', `Question ${id} has its answer; it stands.`, { question: id }));
  }
  const answered = { ...asked, answered_at: world.now };
  const next = { ...request, questions: questions.map((one) => (one === asked ? answered : one)) };
  const data = { question: id, commitment };
  return {
    request: next,
    events: [eventOf(next, 'question.answered', agent(command.agent), world.now, data)],
  };
}
