/** Reads a sealed log for a backtest: first what became of every action, then their arguments, some at a time. */
import { setImmediate } from 'node:timers/promises';
import type { JsonObject } from '@countersign/shared/contracts';
import type { SealedLog } from '../reading/sealed-log.ts';
import type { Beside } from '../sealing/beside.ts';
import { entryIn } from '../sealing/entry.ts';
import { openRecords, type Recorded } from './recorded.ts';

/** How far a backtest is: entries of the log that were read, then actions that were judged. */
export type Progress = { stage: 'reading' | 'judging'; done: number; of: number };

export type Reading = {
  /** Told after each part; never awaited. */
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
  /** Requests that an audit found wrong. */
  audited?: readonly string[];
};

/** What an action said. Undefined where it was erased, or is no payload. */
export type Payload = { args: JsonObject; context?: JsonObject };

/** An action with what it said. */
export type Replayed = { action: Recorded; payload: Payload | undefined };

/** Entries that are read at once: those whose texts share a file, see sealing/beside.ts. */
const part = 4_096;
/** So many actions are judged before others of this process have a turn. */
const turn = 256;

/** Every action of the log and what became of it, in the log's order. */
export async function readRecords(
  log: SealedLog,
  { onProgress, signal, audited = [] }: Reading,
): Promise<Recorded[]> {
  const records = openRecords();
  for (let from = 0; from < log.size; from += part) {
    signal?.throwIfAborted();
    for (const bytes of await log.bytes(from, from + part)) records.take(entryIn(bytes));
    onProgress?.({ stage: 'reading', done: Math.min(from + part, log.size), of: log.size });
  }
  records.audited(audited);
  return records.actions();
}

/** The actions with what they said, in the same order; others have a turn in between. */
export async function* replay(
  log: SealedLog,
  actions: readonly Recorded[],
  { onProgress, signal }: Reading,
): AsyncIterable<Replayed> {
  let texts = new Map<number, Beside[]>();
  let end = 0;
  for (const [index, action] of actions.entries()) {
    if (index % turn === 0) {
      signal?.throwIfAborted();
      onProgress?.({ stage: 'judging', done: index, of: actions.length });
      await setImmediate();
    }
    if (action.seq >= end) {
      const from = action.seq - (action.seq % part);
      end = from + part;
      texts = await log.texts(from, end);
    }
    yield { action, payload: payloadIn(texts.get(action.seq)) };
  }
  onProgress?.({ stage: 'judging', done: actions.length, of: actions.length });
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The arguments and context in what lies beside an `action.proposed`. */
function payloadIn(beside: readonly Beside[] = []): Payload | undefined {
  for (const { text } of beside) {
    let payload: unknown;
    try {
      payload = JSON.parse(text);
    } catch {
      continue;
    }
    if (!isObject(payload) || !isObject(payload.args)) continue;
    const context = isObject(payload.said) ? payload.said.context : undefined;
    return { args: payload.args, ...(isObject(context) ? { context } : {}) };
  }
  return undefined;
}
