/** What of a call's arguments a threshold can be about: one number each, as a policy's condition would write it. Pure. */
import type { Json, JsonObject } from '@countersign/shared/contracts';

/** By expression: `param.amount`, `len(param.flights)`, `sum(param.items, "price")`. */
export type Features = ReadonlyMap<string, number>;

/** Deeper than this, and beyond so many, nobody writes a rule about it. */
const deepest = 3;
const most = 40;
/** What a condition can name with dots alone. */
const plainName = /^[A-Za-z_]\w*$/;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields that are a number in every object of a list. */
function numberFields(list: readonly Json[]): string[] {
  const [first] = list;
  if (!isObject(first) || !list.every(isObject)) return [];
  return Object.keys(first).filter(
    (name) => plainName.test(name) && list.every((each) => typeof each[name] === 'number'),
  );
}

/** Every number that the arguments come to, at most forty. */
export function featuresOf(args: JsonObject): Features {
  const found = new Map<string, number>();
  const set = (expression: string, value: number): void => {
    if (found.size < most && Number.isFinite(value)) found.set(expression, value);
  };
  const look = (value: JsonObject, path: string, depth: number): void => {
    for (const [name, member] of Object.entries(value)) {
      if (!plainName.test(name)) continue;
      const here = `${path}.${name}`;
      if (typeof member === 'number') set(here, member);
      else if (Array.isArray(member)) {
        set(`len(${here})`, member.length);
        for (const field of numberFields(member))
          set(
            `sum(${here}, "${field}")`,
            member.reduce<number>((sum, each) => sum + Number(isObject(each) ? each[field] : 0), 0),
          );
      } else if (isObject(member) && depth < deepest) look(member, here, depth + 1);
    }
  };
  look(args, 'param', 1);
  return found;
}
