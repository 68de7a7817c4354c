/** What a value of a call can be held against: the first place beside it, in the order of reading, that names it. Pure. */
import { names } from '@countersign/shared/canaries';
import type { DrillWitness, Json, JsonObject } from '@countersign/shared/contracts';
import type { Payload } from '@countersign/shared/request';

/** A sentence longer than this is told by its place alone. */
const longest = 300;

/** Every single value in it with its dotted path, keys of objects included: an id may be one. */
function leavesOf(value: Json | undefined, path: readonly string[] = []): { path: string; text: string }[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object') return [{ path: path.join('.'), text: String(value) }];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(Array.isArray(value) ? [] : [{ path: [...path, key].join('.'), text: key }]),
    ...leavesOf(inner, [...path, key]),
  ]);
}

/** The sentence that names it; the whole text where it is one sentence. */
function sentenceNaming(text: string, value: Json): string | undefined {
  const sentence = text.split(/(?<=[.!?])\s+|\n+/).find((one) => names(one, value));
  return sentence === undefined || sentence.length > longest ? undefined : sentence.trim();
}

/**
 * Where the value that belongs at `path` is named. A text is quoted; of arguments and context only the place is told,
 * since the card shows them, and may cover them.
 */
export function witnessOf(
  { args, said = {} }: Pick<Payload, 'args' | 'said'>,
  path: string,
  right: Json,
): DrillWitness | undefined {
  const { summary, ...preview } = (said.preview ?? {}) as JsonObject;
  const texts = [
    ['reason', said.reason],
    ['summary', typeof summary === 'string' ? summary : undefined],
  ] as const;
  for (const [place, text] of texts) {
    if (text === undefined || !names(text, right)) continue;
    const says = sentenceNaming(text, right);
    return { in: place, ...(says === undefined ? {} : { says }) };
  }
  const values = [
    ['argument', args],
    ['context', said.context],
    ['preview', preview],
    ['transcript', said.transcript],
  ] as const;
  for (const [place, value] of values) {
    const leaf = leavesOf(value).find(
      (one) => names(one.text, right) && !(place === 'argument' && one.path === path),
    );
    if (leaf === undefined) continue;
    const says = place === 'transcript' ? sentenceNaming(leaf.text, right) : undefined;
    return {
      in: place,
      ...(leaf.path === '' ? {} : { path: leaf.path }),
      ...(says === undefined ? {} : { says }),
    };
  }
  return undefined;
}
