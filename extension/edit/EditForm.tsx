import type { RequestView } from '@countersign/shared/contracts';
import { maskOf, titleOf, valueAt, withArgs } from '@countersign/shared/plain';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Looks } from '../card/looks.ts';
import { Tier } from '../card/Tier.tsx';
import { TimeLeft } from '../card/TimeLeft.tsx';
import { Title } from '../card/Title.tsx';
import type { DraftHandle } from '../decide/use-draft.ts';
import { language, say } from '../words/say.ts';
import { FieldBox } from './FieldBox.tsx';
import { PolicyWord } from './PolicyWord.tsx';
import type { Edit } from './use-edit.ts';

type Props = { request: RequestView; edit: Edit; draft: DraftHandle; looks: Looks };

/** The arguments as a form: each box reads back as the type it had, and shows what it was. */
export function EditForm({ request, edit, draft, looks }: Props) {
  const mask = maskOf(request);
  const { fields, args, problems, touched, preview } = edit;
  const present = fields.filter((field) => !field.absent);
  const editable = present.filter((field) => field.editable).length;
  const { edits, edit_reason } = draft.draft;
  const form = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>('input, textarea, select')?.focus(), []);
  return (
    <article class={`card ${request.tier}`} aria-labelledby="card-title">
      <div class="meta">
        <Tier tier={request.tier} />
        <span class="who">{say('fields_editable', editable, present.length)}</span>
        <TimeLeft request={request} brief />
      </div>
      <h1 id="card-title">
        <Title segments={titleOf(withArgs(request, args), language(), looks.uncovered)} />
      </h1>
      <div class="fields" ref={form}>
        {fields.map((field) => (
          <FieldBox
            key={field.path}
            field={field}
            args={request.args}
            edited={args}
            text={edits[field.path]}
            covered={mask(field.at, valueAt(request.args, field.at)) && !looks.uncovered.has(field.path)}
            onUncover={() => looks.uncover(field.path)}
            problem={problems[field.path]}
            onText={(text) => draft.update({ edits: { ...edits, [field.path]: text } })}
          />
        ))}
      </div>
      <div class="facts">
        {touched.length === 0 ? (
          <div class="fact">
            <span>{say('policy_on_edit')}</span>
            <b>{say('nothing_changed')}</b>
          </div>
        ) : (
          <PolicyWord preview={preview} request={request} />
        )}
        <div class="fact">
          <span>{say('agent_is_told')}</span>
          <b>{say('agent_is_told_changes')}</b>
        </div>
      </div>
      <label class="box">
        <span>{say('edit_reason')}</span>
        <textarea
          rows={2}
          maxLength={8_000}
          value={edit_reason}
          onInput={(event) => draft.update({ edit_reason: event.currentTarget.value })}
        />
      </label>
    </article>
  );
}
