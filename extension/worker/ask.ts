/** What a surface may ask of the worker. */
import { browser } from 'wxt/browser';
import type { Trouble } from '../api/trouble.ts';

/** `wake`: read the queue now and see to the stream. `pair`: carry out the pairing that waits. `disconnect`: forget it all. */
export type Ask = { kind: 'wake' | 'pair' | 'disconnect' };

/** Asks; a worker that is being restarted is asked by the next one. */
export async function askWorker(ask: Ask): Promise<Trouble | null> {
  try {
    const answer: Trouble | null | undefined = await browser.runtime.sendMessage(ask);
    return answer ?? null;
  } catch {
    return null;
  }
}

export function isAsk(message: unknown): message is Ask {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return message.kind === 'wake' || message.kind === 'pair' || message.kind === 'disconnect';
}
