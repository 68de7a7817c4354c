import serialize from 'canonicalize';
import { checkJson, type Json } from './json.ts';

/**
 * The canonical text of a JSON value: RFC 8785 (JCS), sorted keys, no white space, shortest numbers. Equal
 * values have equal texts, and parsing the text gives the value back.
 *
 * @throws TypeError for what `parseStrict` would refuse (unsafe integers, `-0`, lone surrogates, …) and for
 * what is not JSON at all: values from outside are parsed strictly first, so this is a bug in the caller
 */
export function canonicalize(value: Json): string {
  const check = checkJson(value);
  if (!check.ok) throw new TypeError(`${check.code}: ${check.message}`);
  return canonicalizeParsed(value);
}

/** The same for (a part of) what `parseStrict` gave, which has been checked: for whoever does this at every call. */
export function canonicalizeParsed(value: Json): string {
  const text = serialize(value);
  if (text === undefined) throw new TypeError('not_json: nothing to serialize');
  return text;
}
