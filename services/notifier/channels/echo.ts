/**
 * Keeps arguments out of the delivery log (law 12), which is not erased with a request's payloads: peers repeat what
 * they are sent, whole or in part, and the log keeps the beginning of what they answer. Pure.
 */
import type { Json, RequestView } from '@countersign/shared/contracts';
import type { Outcome } from './channel.ts';

/** What stands in the log instead. */
export const leftOut = '[left out: it repeats the request]';

/** Characters of an answer that are looked at and passed on: several times what the log keeps of it. */
const most = 2_048;
/** So many letters and digits in a row that both have are no accident. */
const piece = 12;
/** A shorter value is looked for beside its name: `5` alone is in every answer. */
const shortest = 4;

/** The outcome, its response left out where it repeats anything of what the request says beside policy's words. */
export function withoutEcho(outcome: Outcome, request: RequestView): Outcome {
  if (outcome.kind === 'not_needed' || outcome.kind === 'not_tried') return outcome;
  if (outcome.response === undefined || outcome.response === '') return outcome;
  const response = outcome.response.slice(0, most);
  return { ...outcome, response: repeats(response, request) ? leftOut : response };
}

function repeats(response: string, request: RequestView): boolean {
  // Bodies are sent as JSON, as a form or in HTML, and come back as they went or decoded.
  const spoken = [response, decoded(response)].map(words);
  const answers = spoken.map((answer) => answer.replaceAll(' ', ''));
  const runs = new Set(answers.flatMap(runsOf));
  return saidIn(request).some(({ name, value }) => {
    const text = bare(value);
    if (text === '') return false;
    if (text.length >= piece) return runs.size > 0 && runsOf(text).some((run) => runs.has(run));
    if (text.length >= shortest) return answers.some((answer) => answer.includes(text));
    return spoken.some((answer) => ` ${answer} `.includes(` ${words(`${name} ${value}`)} `));
  });
}

type Said = { name: string; value: string };

/** Every text and number that people can have erased. */
function saidIn(request: RequestView): Said[] {
  const { args, proposed_args, context, reason, preview, transcript, links, questions, decision } = request;
  const told = [args, proposed_args, context, preview, transcript, links, questions, decision?.changes];
  return [
    ...told.flatMap((each) => leavesOf('', each as Json | undefined)),
    ...leavesOf('reason', reason),
    ...leavesOf('reason', decision?.reason),
  ];
}

function leavesOf(name: string, value: Json | undefined): Said[] {
  if (typeof value === 'string' || typeof value === 'number') return [{ name, value: String(value) }];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(name, item));
  // Who speaks in a transcript (`user`, `assistant`) is nobody's secret.
  return Object.entries(value).flatMap(([key, inner]) => (key === 'role' ? [] : leavesOf(key, inner)));
}

/** Words of letters and digits with one space between: however it was indented, escaped or quoted on its way. */
const words = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const bare = (text: string): string => words(text).replaceAll(' ', '');

function runsOf(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - piece + 1) }, (_, at) => text.slice(at, at + piece));
}

function decoded(text: string): string {
  const character = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '');
  return text
    .replaceAll(/\\u([0-9a-f]{4})/gi, (_, code: string) => character(Number.parseInt(code, 16)))
    .replaceAll(/\\[nrtbf]/g, ' ')
    .replaceAll(/&#x([0-9a-f]{1,6});/gi, (_, code: string) => character(Number.parseInt(code, 16)))
    .replaceAll(/&#(\d{1,7});/g, (_, code: string) => character(Number(code)))
    .replaceAll(/&[a-z]{2,8};/gi, ' ')
    .replaceAll(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString());
}
