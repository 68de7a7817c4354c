/**
 * Light checks of what a server sends: enough that a screen never breaks on an older, newer or foreign server.
 * The full schemas stay on the server; carrying zod into every popup would cost more than the popup itself.
 */
import type {
  EditPreview,
  Paired,
  ProblemCode,
  Queue,
  RequestView,
  Tier,
} from '@countersign/shared/contracts';

type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const strings = (value: Fields, ...names: string[]) =>
  names.every((name) => typeof value[name] === 'string');
export const numbers = (value: Fields, ...names: string[]) =>
  names.every((name) => typeof value[name] === 'number');
export const lists = (value: Fields, ...names: string[]) => names.every((name) => Array.isArray(value[name]));
const objects = (value: Fields, ...names: string[]) => names.every((name) => isFields(value[name]));

/** From the mildest to the gravest. */
export const tiers = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Tier[];
export const isTier = (value: unknown): value is Tier => tiers.some((tier) => tier === value);
const frictions = new Set(['none', 'acknowledge', 'retype']);

/** A request with everything that a card reads without asking first. */
export function isRequest(value: unknown): value is RequestView {
  return (
    isFields(value) &&
    strings(value, 'id', 'agent', 'tool', 'args_digest', 'status', 'tier', 'created_at', 'on_rejection') &&
    numbers(value, 'version', 'revision', 'hold') &&
    lists(value, 'rules', 'why', 'verdicts', 'warnings', 'viewed_by') &&
    objects(value, 'args', 'progress', 'friction', 'tool_facts') &&
    isTier(value.tier) &&
    isFields(value.friction) &&
    frictions.has(String(value.friction.kind)) &&
    lists(value.friction, 'paths') &&
    (value.channels === undefined || lists(value, 'channels')) &&
    (value.questions === undefined || isQuestions(value.questions))
  );
}

function isQuestions(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (one) =>
        isFields(one) &&
        strings(one, 'id', 'by', 'text') &&
        (one.answer === undefined || (isFields(one.answer) && strings(one.answer, 'text'))),
    )
  );
}

export function isQueue(value: unknown): value is Queue {
  return (
    isFields(value) &&
    Array.isArray(value.items) &&
    value.items.every(isRequest) &&
    isFields(value.counts) &&
    numbers(value.counts, 'total')
  );
}

/** `contract` is missing where the server is older than that member. */
export function isMe(value: unknown): value is { contract?: number; key_id: string } {
  return (
    isFields(value) && strings(value, 'key_id') && ['number', 'undefined'].includes(typeof value.contract)
  );
}

export function isPaired(value: unknown): value is Paired {
  return (
    isFields(value) &&
    strings(value, 'key', 'key_id', 'workspace', 'vapid_public_key') &&
    isFields(value.person) &&
    strings(value.person, 'id', 'name')
  );
}

export function isEditPreview(value: unknown): value is EditPreview {
  return (
    isFields(value) &&
    typeof value.ok === 'boolean' &&
    isTier(value.tier) &&
    lists(value, 'rules', 'messages', 'changes') &&
    numbers(value, 'needed')
  );
}

export function isProblem(value: unknown): value is Fields & { code: ProblemCode; detail: string } {
  return isFields(value) && strings(value, 'code', 'detail');
}

/** For calls whose answer nobody reads. */
export function isAnything(_value: unknown): _value is unknown {
  return true;
}
