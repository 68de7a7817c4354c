/**
 * Whether a log shows which requests were planted: each commits to that bit when it is made, and opens the commitment
 * when it ends (docs/audit-format.md, "Canaries").
 */
import { canaryCommitment } from '@countersign/shared/digest';

/** What a log says of its canaries. */
export type CanaryCount = {
  /** Requests whose end opened their commitment, and how many of them were planted. */
  revealed: number;
  planted: number;
  /** Requests that have not ended, so that nobody can know yet. */
  hidden: number;
};

type Finding = { code: string; message: string; index: number };
type Entry = { type?: unknown; request_id?: unknown; status?: unknown; data?: unknown };

/** Whether an entry ends a request that somebody was asked about. What ran before anyone looked was never committed to. */
const isEnd = (type: unknown, status: unknown): boolean =>
  String(type).startsWith('request.') && status !== 'pending';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads entries in the order of the log. Remembers only requests that have not ended. */
export class CanaryLedger {
  readonly #open = new Map<string, unknown>();
  #revealed = 0;
  #planted = 0;

  get count(): CanaryCount {
    return { revealed: this.#revealed, planted: this.#planted, hidden: this.#open.size };
  }

  /** What is wrong with one entry, if something is. */
  read(bytes: Uint8Array, index: number): Finding[] {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    // Most entries are about no beginning and no end: they are not parsed again.
    if (!text.includes('"type":"request.') && !text.includes('"canary":')) return [];
    const entry = parsed(text.toString('utf8'));
    const { request_id: id, type, status } = entry;
    const data = isObject(entry.data) ? entry.data : {};
    if (typeof id !== 'string') return [];
    if (type === 'request.created' && data.canary_commitment !== undefined) {
      this.#open.set(id, data.canary_commitment);
      return [];
    }
    const committed = this.#open.get(id);
    const { canary } = data;
    const ends = isEnd(type, status);
    if (ends && committed !== undefined) this.#open.delete(id);
    if (canary === undefined) {
      if (!ends || committed === undefined) return [];
      const message = `Entry ${index} ends ${id} and does not open the commitment of its beginning: whether it was planted stays hidden.`;
      return [{ code: 'canary_hidden', message, index }];
    }
    if (committed === undefined) {
      const message = `Entry ${index} says whether ${id} was planted, and nothing committed to that before.`;
      return [{ code: 'canary_uncommitted', message, index }];
    }
    if (!opens(id, canary, committed)) {
      const message = `Entry ${index} does not say of ${id} what was committed to when it was made.`;
      return [{ code: 'canary_mismatch', message, index }];
    }
    if (ends) {
      this.#revealed += 1;
      if (isObject(canary) && canary.planted === true) this.#planted += 1;
    }
    return [];
  }
}

function opens(id: string, canary: unknown, committed: unknown): boolean {
  if (!isObject(canary)) return false;
  const { planted, salt } = canary;
  if (typeof planted !== 'boolean' || typeof salt !== 'string') return false;
  return canaryCommitment(id, { planted, salt }) === committed;
}

function parsed(text: string): Entry {
  try {
    const entry: unknown = JSON.parse(text);
    return isObject(entry) ? entry : {};
  } catch {
    // What is no JSON is found where entries are held against their places.
    return {};
  }
}
