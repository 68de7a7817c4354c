import type { ProblemCode } from '@countersign/shared/contracts';

/** Failures that no server document describes, because no server that we understand answered. */
export type LocalCode = 'unreachable' | 'not_understood' | 'not_permitted';

/** Why a call did not do what was asked: the server's problem code, or one of our own. */
export type Trouble = {
  code: ProblemCode | LocalCode;
  /** A sentence for the reviewer: what was wrong and what to do. Empty where only the code is known. */
  detail: string;
  /** Other members of the server's problem document. */
  extra: Record<string, unknown>;
};

/** What a call gives: its value, or the trouble it met. Expected failures never throw. */
export type Answer<T> = { ok: true; value: T } | { ok: false; trouble: Trouble };

/** Makes a failed answer. */
export function failed(
  code: Trouble['code'],
  detail = '',
  extra: Record<string, unknown> = {},
): Answer<never> {
  return { ok: false, trouble: { code, detail, extra } };
}
