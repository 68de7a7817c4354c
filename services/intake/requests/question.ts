/** `POST /v1/requests/{id}/question` and `/answer`: what reviewer and agent say to each other before the decision. */
import { hash } from 'node:crypto';
import { type AnswerQuestion, type Ask, problem } from '@countersign/shared/contracts';
import { answerField, type Loaded, type Words } from '@countersign/shared/request';
import { nextQuestion, oldestUnanswered } from '../lifecycle/question.ts';
import { newSalt } from '../random.ts';
import { type Transacted, transact } from '../store/transact.ts';
import { unreadable } from './act.ts';
import { type Caller, maySpeakFor, type Service } from './service.ts';

/** Words as they are stored, and what an event says of them: the salt keeps it silent once they are erased. */
function sealed(words: Words): { text: string; commitment: string } {
  const text = JSON.stringify(words);
  return { text, commitment: `sha256:${hash('sha256', text, 'hex')}` };
}

/** What a call comes to whose answer was lost and that is made again: nothing new. */
const nothingNew = { command: { kind: 'wake' } } as const;

function isAskedAgain({ record, payloads }: Loaded, reviewer: string, text: string): boolean {
  return (record.questions ?? []).some(
    ({ id, by, answered_at }) =>
      by === reviewer && answered_at === undefined && payloads.words?.[id]?.text === text,
  );
}

/** Asks the agent. The same question again, while it waits, is the same question. */
export function askAgent(service: Service, caller: Caller, id: string, { text }: Ask): Promise<Transacted> {
  const reviewer = caller.key.owner;
  const words = { text, salt: newSalt() };
  return transact(service, caller.workspace, id, (loaded, { snapshot }) => {
    const refusal = unreadable(caller, loaded);
    if (refusal !== undefined) return { refusal };
    if (isAskedAgain(loaded, reviewer, text)) return nothingNew;
    const question = nextQuestion(loaded.record);
    const { commitment, text: stored } = sealed(words);
    return {
      command: { kind: 'ask', reviewer, question, commitment },
      words: { key: snapshot.keys.questions(id), field: question, text: stored },
    };
  });
}

/** Answers as the request's own agent. The same answer again is the same answer. */
export function answerQuestion(
  service: Service,
  caller: Caller,
  id: string,
  body: AnswerQuestion,
): Promise<Transacted> {
  const words = { text: body.text, salt: newSalt() };
  return transact(service, caller.workspace, id, ({ record, payloads }, { snapshot }) => {
    if (!maySpeakFor(caller.key, record.agent)) {
      const detail = 'This request was made by an agent that this key may not speak for.';
      return { refusal: problem('not_your_request', detail) };
    }
    const { agent } = record;
    const given = (question: string) => payloads.words?.[answerField(question)]?.text === body.text;
    const question =
      body.question ?? oldestUnanswered(record)?.id ?? record.questions?.findLast(({ id }) => given(id))?.id;
    if (question !== undefined && given(question)) return nothingNew;
    const { commitment, text } = sealed(words);
    const command = { kind: 'answer', agent, question, commitment } as const;
    if (question === undefined) return { command };
    return {
      command,
      words: { key: snapshot.keys.questions(id), field: answerField(question), text },
    };
  });
}
