import type { JsonObject } from '@countersign/shared/contracts';
import { isDisguised, shownAt, tailOf, valueAt } from '@countersign/shared/plain';
import { Covered } from '../card/Covered.tsx';
import { Labels } from '../card/Payload.tsx';
import { Plain } from '../card/Plain.tsx';
import { Value } from '../card/Value.tsx';
import { language, say } from '../words/say.ts';
import { Difference } from './Difference.tsx';
import { type Field, textOf } from './fields.ts';
import type { Misfit } from './typed.ts';

type Props = {
  field: Field;
  args: JsonObject;
  edited: JsonObject;
  /** What stands in the box; undefined when it has not been touched. */
  text: string | undefined;
  problem: Misfit | string | undefined;
  /** Kept out of sight until it is asked for. */
  covered: boolean;
  onUncover: () => void;
  onText: (text: string) => void;
};

/** One argument to edit, with what it was; or as it is, where policy fixes it. */
export function FieldBox({ field, args, edited, text, problem, covered, onUncover, onText }: Props) {
  const id = `field-${field.path}`;
  const initial = textOf(field, args);
  const current = text ?? initial;
  if (covered) {
    return (
      <div class="field">
        <span class="name">
          <Labels labels={field.labels} />
        </span>
        <span>
          <Covered
            tail={tailOf(field.at, valueAt(args, field.at))}
            label={field.labels.join(' ')}
            onUncover={onUncover}
          />
        </span>
      </div>
    );
  }
  if (!field.editable) {
    if (field.absent) return null;
    return (
      <div class="field fixed">
        <span class="name">
          <Labels labels={field.labels} />
        </span>
        <span>
          <Value shown={shownAt(args, field.at, language())} /> <small>{say('fixed_by_policy')}</small>
        </span>
      </div>
    );
  }
  const changed = text !== undefined && text !== initial;
  const was = valueAt(args, field.at) === undefined ? null : shownAt(args, field.at, language());
  const now = valueAt(edited, field.at) === undefined ? null : shownAt(edited, field.at, language());
  return (
    <div class={changed ? 'field changed' : 'field'}>
      <label class="name" for={id}>
        <Labels labels={field.labels} />
      </label>
      <span>
        <Box field={field} id={id} text={current} invalid={problem !== undefined} onText={onText} />
        {field.hint && <small>{field.hint}</small>}
        {changed && problem === undefined && <Difference before={was} after={now} />}
        {isDisguised(current) && (
          <small class="warning-line">
            {say('hidden_characters')} <Plain text={current} />
          </small>
        )}
        <span id={`${id}-problem`} class="field-problem" aria-live="polite">
          {problem !== undefined && misfitText(problem)}
        </span>
      </span>
    </div>
  );
}

type BoxProps = { field: Field; id: string; text: string; invalid: boolean; onText: (text: string) => void };

function Box({ field, id, text, invalid, onText }: BoxProps) {
  const common = { id, 'aria-invalid': invalid, 'aria-describedby': `${id}-problem` };
  const onInput = (event: { currentTarget: { value: string } }) => onText(event.currentTarget.value);
  switch (field.kind) {
    case 'flag':
      return (
        <select {...common} value={text} onInput={onInput}>
          {field.absent && <option value="">{say('not_set')}</option>}
          <option value="true">{say('yes')}</option>
          <option value="false">{say('no')}</option>
        </select>
      );
    case 'choice':
      return (
        <select {...common} value={text} onInput={onInput}>
          {(field.absent || !field.choices.some((choice) => String(choice) === text)) && (
            <option value={field.absent ? '' : text}>{field.absent ? say('not_set') : text}</option>
          )}
          {field.choices.map((choice) => (
            <option key={String(choice)} value={String(choice)}>
              {String(choice)}
            </option>
          ))}
        </select>
      );
    case 'number':
    case 'integer':
      // Not type="number": the wheel would change it, and what does not parse would read as empty.
      return (
        <input
          {...common}
          type="text"
          inputMode="decimal"
          autocomplete="off"
          value={text}
          onInput={onInput}
        />
      );
    case 'text':
      if (text.length <= 60 && !text.includes('\n')) {
        return <input {...common} type="text" autocomplete="off" value={text} onInput={onInput} />;
      }
      return (
        <textarea {...common} rows={Math.min(10, 2 + text.length / 60)} value={text} onInput={onInput} />
      );
    case 'list':
    case 'json':
      return (
        <textarea
          {...common}
          class="code"
          rows={Math.min(12, text.split('\n').length + 1)}
          spellcheck={false}
          value={text}
          onInput={onInput}
        />
      );
  }
}

function misfitText(problem: Misfit | string): string {
  switch (problem) {
    case 'number':
      return say('misfit_number');
    case 'integer':
      return say('misfit_integer');
    case 'too_large':
      return say('misfit_too_large');
    case 'json':
      return say('misfit_json');
    case 'choice':
      return say('misfit_choice');
    case 'empty':
      return say('misfit_empty');
    default:
      return problem;
  }
}
