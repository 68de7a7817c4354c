import type { EditPreview, JsonObject, RequestView } from '@countersign/shared/contracts';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { previewEdit } from '../api/reviewer.ts';
import type { Answer } from '../api/trouble.ts';
import type { Connection } from '../keep/items.ts';
import { type Field, fieldsOf } from './fields.ts';
import { schemaProblems } from './schema.ts';
import { applyEdits, type Misfit } from './typed.ts';

export type Edit = {
  fields: Field[];
  /** The arguments as edited; the request's own where nothing is changed. */
  args: JsonObject;
  touched: string[];
  /** What keeps the edit from being sent, by path. */
  problems: Record<string, Misfit | string>;
  /** Policy's word on these very arguments; null while it is being asked. */
  preview: Answer<EditPreview> | null;
};

/** Policy is asked when the typing pauses for this long. */
const pause = 300;

/** The edit that a draft makes of a request, checked as it is typed, with policy's word on it. */
export function useEdit(connection: Connection, request: RequestView, edits: Record<string, string>): Edit {
  const fields = useMemo(
    () => fieldsOf(request.args, request.args_schema, request.editable),
    [request.args_digest, request.version],
  );
  const edited = useMemo(() => applyEdits(request.args, fields, edits), [fields, edits]);
  const broken = useMemo(
    () =>
      Object.keys(edited.misfits).length > 0 || edited.touched.length === 0
        ? {}
        : schemaProblems(request.args_schema, request.args, edited.args),
    [edited],
  );
  const problems = { ...broken, ...edited.misfits };
  const sound = Object.keys(problems).length === 0 && edited.touched.length > 0;
  const asked = sound ? JSON.stringify(edited.args) : null;
  const [word, setWord] = useState<{ asked: string; answer: Answer<EditPreview> } | null>(null);

  useEffect(() => {
    if (asked === null || word?.asked === asked) return;
    let wanted = true;
    const timer = setTimeout(async () => {
      const seen = { version: request.version, args_digest: request.args_digest };
      const answer = await previewEdit(connection, request.id, edited.args, seen);
      if (wanted) setWord({ asked, answer });
    }, pause);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [asked, word]);

  return {
    fields,
    args: edited.args,
    touched: edited.touched,
    problems,
    preview: word !== null && word.asked === asked ? word.answer : null,
  };
}
