/** `browser.runtime`'s messages within one page: the background runs in the page that it serves. */

type Listener = (message: unknown, sender: object, respond: (answer?: unknown) => void) => unknown;

export function pageMessages() {
  const listeners = new Set<Listener>();
  return {
    /** The answer of the listener that gives one: at once, or later where it has returned true. */
    sendMessage(message: unknown): Promise<unknown> {
      return new Promise((resolve) => {
        const waits = [...listeners].map((listener) => listener(message, {}, resolve) === true);
        if (!waits.includes(true)) resolve(undefined);
      });
    },
    onMessage: {
      addListener: (listener: Listener) => void listeners.add(listener),
      removeListener: (listener: Listener) => void listeners.delete(listener),
    },
  };
}
