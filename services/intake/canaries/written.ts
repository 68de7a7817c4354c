/**
 * Canaries that people wrote, as calls of their agents: only where at least three that the agent really asked have the
 * same shape, and each value the make that all of theirs have. What would stand out is left to nobody (docs/canaries.md).
 * Pure.
 */
import type { Json, JsonObject } from '@countersign/shared/contracts';
import type { LibraryCanary } from '@countersign/shared/policy';
import type { Loaded, Said } from '@countersign/shared/request';
import { cellsOf, shapeOf } from '../batch/cells.ts';
import type { Mutation } from './mutate.ts';

/** So many that it looks like are no coincidence. */
const fewest = 3;

/** Everything that a card shows of a call, under one root. */
const shownOf = (args: JsonObject, { context, reason, preview, transcript }: Said): JsonObject =>
  Object.fromEntries(
    Object.entries({ args, context, reason, preview, transcript }).filter(([, value]) => value !== undefined),
  ) as JsonObject;

/** What letters, digits and signs follow each other in a value that is one word: `ord-71002` is `a-99999`. */
function makeOf(value: Json): string | undefined {
  if (typeof value !== 'string' || value.length > 64 || /\s/.test(value)) return undefined;
  return value
    .replaceAll(/\p{Lu}+/gu, 'A')
    .replaceAll(/\p{Ll}+/gu, 'a')
    .replaceAll(/\d/g, '9');
}

/** Whether every value that these write in one way is written so here. */
function hasTheirMake(shown: JsonObject, theirs: readonly JsonObject[]): boolean {
  const cells = theirs.map((one) => new Map(cellsOf(one).map(({ path, value }) => [path, value])));
  return cellsOf(shown).every(({ path, value }) => {
    const makes = new Set(cells.map((known) => makeOf(known.get(path) ?? null)));
    const [make] = makes;
    return makes.size > 1 || make === undefined || make === makeOf(value);
  });
}

/**
 * This canary as a request that its agent made, were it right, and what is wrong with it. Undefined where it would be
 * known by anything but that.
 *
 * @param asked what the agent asked people in these weeks, newest first
 */
export function asAsked(
  canary: LibraryCanary,
  asked: readonly Loaded[],
): { source: Loaded; mutation: Mutation } | undefined {
  const { agent, tool, args, wrongArgs, said, kind, path, wrong, right, difficulty } = canary;
  const shape = shapeOf(cellsOf(shownOf(args, said)));
  const alike = asked.filter(({ record, payloads: { first } }) => {
    if (record.agent !== agent || record.tool !== tool || record.callback_url !== undefined) return false;
    if (first?.said === undefined || first.said.links !== undefined || first.said.resume !== undefined)
      return false;
    return shapeOf(cellsOf(shownOf(first.args, first.said))) === shape;
  });
  const [like] = alike;
  if (like?.payloads.first === undefined || alike.length < fewest) return undefined;
  const theirs = alike.map(({ payloads: { first } }) => shownOf(first?.args ?? {}, first?.said ?? {}));
  if (![args, wrongArgs].every((each) => hasTheirMake(shownOf(each, said), theirs))) return undefined;
  const { args_schema } = like.payloads.first.said ?? {};
  const payload = {
    ...like.payloads.first,
    args,
    said: { ...said, ...(args_schema === undefined ? {} : { args_schema }) },
  };
  return {
    source: { record: like.record, payloads: { first: payload, current: payload } },
    mutation: { kind, path, args: wrongArgs, wrong, right, difficulty },
  };
}
