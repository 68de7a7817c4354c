/** Reads a sealed log for a backtest: first what became of every action, then their arguments, some at a time. */
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
  /** Requests that an audit found wrong. */
  audited?: readonly string[];
  /** Requests that an audit found right: somebody has judged them. */
  cleared?: readonly string[];
};

/** What an action said. Undefined where it was erased, or is no payload. */
export type Payload = { args: JsonObject; context?: JsonObject };

/** An action with what it said. */
export type Replayed = { action: Recorded; payload: Payload | undefined };

/** Entries that are read at once: those whose texts share a file, see sealing/beside.ts. */
const part = 4_096;
/** So many actions are judged before it is told. */
const told = 256;

/** Every action of the log and what became of it, in the log's order. */
export async function readRecords(
  log: SealedLog,
  { onProgress, audited = [], cleared = [] }: Reading,
): Promise<Recorded[]> {
  const records = openRecords();
  for await (const { from, read } of inParts(log.size, (from) => log.bytes(from, from + part))) {
    for (const bytes of read) records.take(entryIn(bytes));
    onProgress?.({ stage: 'reading', done: Math.min(from + part, log.size), of: log.size });
  }
  records.audited(audited, cleared);
  return records.actions();
}

/** Each part as it is read, while the one after it is on its way from the disk. */
async function* inParts<T>(
  size: number,
  read: (from: number) => Promise<T>,
): AsyncIterable<{ from: number; read: T }> {
  let next = size > 0 ? read(0) : undefined;
  for (let from = 0; next !== undefined; from += part) {
    const here = await next;
    next = from + part < size ? read(from + part) : undefined;
    // Awaited in the next round, or never where this one is the last: no rejection goes unheard either way.
    next?.catch(() => undefined);
    yield { from, read: here };
  }
}

/** The actions with what they said, in the same order. */
export async function* replay(
  log: SealedLog,
  actions: readonly Recorded[],
  { onProgress }: Reading,
): AsyncIterable<Replayed> {
  let index = 0;
  for await (const { from, read: texts } of inParts(log.size, (from) => log.texts(from, from + part))) {
    for (let action = actions[index]; action !== undefined && action.seq < from + part; ) {
      if (index % told === 0) onProgress?.({ stage: 'judging', done: index, of: actions.length });
      yield { action, payload: payloadIn(texts.get(action.seq)) };
      index += 1;
      action = actions[index];
    }
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
