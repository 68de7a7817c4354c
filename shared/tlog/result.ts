/** What could be wrong with something from outside: a stable `code`, and a sentence for a person that says what and where. */
export type Fault<Code extends string> = { ok: false; code: Code; message: string };

export type Result<Value, Code extends string> = { ok: true; value: Value } | Fault<Code>;

export function fault<Code extends string>(code: Code, message: string): Fault<Code> {
  return { ok: false, code, message };
}
