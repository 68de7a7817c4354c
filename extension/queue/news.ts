/** What the worker tells open surfaces: that a request has changed. A hint to read it again, nothing more. */
import { browser } from 'wxt/browser';

type News = { kind: 'changed'; request: string | null };

/** Tells whatever surface is open that a request has changed; null when any may have. */
export function announceChange(request: string | null): void {
  const news: News = { kind: 'changed', request };
  // With no surface open there is nobody to receive it, which is an error to the browser and none to us.
  browser.runtime.sendMessage(news).catch(() => undefined);
}

/** Calls back with the id of each request that changed, or null when any may have. Returns how to stop. */
export function onChange(tell: (request: string | null) => void): () => void {
  const listener = (message: unknown) => {
    if (isNews(message)) tell(message.request);
  };
  browser.runtime.onMessage.addListener(listener);
  return () => browser.runtime.onMessage.removeListener(listener);
}

/** The request that an event of the stream is about; null when it names none. */
export function requestIn(data: string): string | null {
  try {
    const event: unknown = JSON.parse(data);
    if (typeof event !== 'object' || event === null || !('request_id' in event)) return null;
    return typeof event.request_id === 'string' ? event.request_id : null;
  } catch {
    return null;
  }
}

function isNews(message: unknown): message is News {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'changed';
}
