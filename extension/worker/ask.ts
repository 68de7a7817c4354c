/** What a surface may ask of the worker. */
import { browser } from 'wxt/browser';
import type { Trouble } from '../api/trouble.ts';

/** `wake`: read the queue now and see to the stream. `pair`: carry out the pairing that waits. `disconnect`: forget it all. */
export type Ask = { kind: 'wake' | 'pair' | 'disconnect' };

/** Asks. A worker that is killed while it answers is followed by another, which is asked once more. */
export async function askWorker(ask: Ask): Promise<Trouble | null> {
  return send(ask)
    .catch(() => send(ask))
    .catch(() => null);
}

async function send(ask: Ask): Promise<Trouble | null> {
  const answer: Trouble | null | undefined = await browser.runtime.sendMessage(ask);
  return answer ?? null;
}

export function isAsk(message: unknown): message is Ask {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return message.kind === 'wake' || message.kind === 'pair' || message.kind === 'disconnect';
}
