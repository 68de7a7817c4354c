import type { RequestView } from '@countersign/shared/contracts';
import { Folded } from '../card/Plain.tsx';
import { say } from '../words/say.ts';

/** What was asked, and what the agent answered: its words in its own box, as everywhere. */
export function Conversation({ request, me }: { request: RequestView; me: string }) {
  const { questions = [], status } = request;
  if (questions.length === 0) return null;
  return (
    <section class="conversation" aria-label={say('conversation')} aria-live="polite">
      {questions.map(({ id, by, text, answer }) => (
        <div key={id}>
          <p class="question">
            <b>{by === me ? say('you_asked') : say('asked', by)}</b>{' '}
            {text === '' ? <i>{say('words_erased')}</i> : <Folded text={text} />}
          </p>
          {answer ? (
            <div class="said words">
              <h2>{say('agent_answers')}</h2>
              <p>{answer.text === '' ? <i>{say('words_erased')}</i> : <Folded text={answer.text} />}</p>
            </div>
          ) : (
            <p class="waits">{say(status === 'pending' ? 'answer_waits' : 'answer_never')}</p>
          )}
        </div>
      ))}
    </section>
  );
}
