/** What an edit changed, place by place. */
import diff from 'microdiff';
import type { Change, Json, JsonObject } from '../contracts/index.ts';

/** One reference token of a JSON Pointer (RFC 6901). */
const token = (key: string | number): string => String(key).replaceAll('~', '~0').replaceAll('/', '~1');

/** The changes from one set of arguments to another, in document order. */
export function changesBetween(from: JsonObject, to: JsonObject): Change[] {
  return diff(from, to).map((difference) => ({
    path: difference.path.map((key) => `/${token(key)}`).join(''),
    ...(difference.type === 'CREATE' ? {} : { from: difference.oldValue as Json }),
    ...(difference.type === 'REMOVE' ? {} : { to: difference.value as Json }),
  }));
}
