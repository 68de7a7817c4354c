import type { DrillFeedback, DrillWitness } from '@countersign/shared/contracts';
import { revealedLine } from '@countersign/shared/plain';
import { Plain } from '../card/Plain.tsx';
import { faultWords, valueLine } from '../decide/fault-words.ts';
import { say } from '../words/say.ts';

const places = {
  reason: 'drill_in_reason',
  summary: 'drill_in_summary',
  argument: 'drill_in_argument',
  context: 'drill_in_context',
  preview: 'drill_in_preview',
  transcript: 'drill_in_transcript',
} as const;

/** What is told of a card at once: whether it was wrong, where, and what to hold it against. */
export function Told({ feedback }: { feedback: DrillFeedback }) {
  const { wrong, correct, kind, path, shown, right, look, against } = feedback;
  const heading = wrong
    ? correct
      ? 'drill_told_found'
      : 'drill_told_missed'
    : correct
      ? 'drill_told_right'
      : 'drill_told_needless';
  return (
    <section class={correct ? 'notice told' : 'notice told warn'} role="alert" aria-labelledby="told-title">
      <h2 id="told-title">{say(heading)}</h2>
      {wrong && kind !== undefined && <p>{faultWords(kind)}</p>}
      {path !== undefined && (
        <dl>
          <dt>
            <Plain text={path} />
          </dt>
          {shown !== undefined && <dd>{say(wrong ? 'test_shown' : 'drill_stands', valueLine(shown))}</dd>}
          {wrong && right !== undefined && <dd>{say('test_right', valueLine(right))}</dd>}
        </dl>
      )}
      {look !== undefined && (
        <p>
          <Plain text={look} />
        </p>
      )}
      {against && <Against against={against} wrong={wrong} />}
    </section>
  );
}

/** Where the right value stands. A sentence of the agent's is marked as one. */
function Against({ against, wrong }: { against: DrillWitness; wrong: boolean }) {
  const place = say(places[against.in] ?? 'drill_in_context');
  const at = against.path === undefined ? undefined : revealedLine(against.path);
  return (
    <>
      <p>
        {at === undefined
          ? say(wrong ? 'drill_hold_against' : 'drill_borne_out', place)
          : say(wrong ? 'drill_hold_against_at' : 'drill_borne_out_at', place, at)}
      </p>
      {against.says !== undefined && (
        <blockquote>
          <Plain text={against.says} />
        </blockquote>
      )}
    </>
  );
}
