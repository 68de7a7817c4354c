/** One server-sent event. `id` and `event` are empty where the server gave none. */
export type ServerEvent = { id: string; event: string; data: string };

/**
 * Cuts a text/event-stream into events, whatever the chunks' borders
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream).
 * `EventSource` would do this, but it can not send the bearer header.
 *
 * @returns a function that takes the next chunk of text and gives the events that it completes.
 */
export function eventCutter(): (chunk: string) => ServerEvent[] {
  let rest = '';
  let id = '';
  let event = '';
  let data: string[] = [];

  const take = (line: string): ServerEvent | undefined => {
    if (line === '') {
      const complete = data.length > 0 || event !== '' ? { id, event, data: data.join('\n') } : undefined;
      event = '';
      data = [];
      return complete;
    }
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') data.push(value);
    else if (name === 'event') event = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
    return undefined;
  };

  return (chunk) => {
    rest += chunk;
    const events: ServerEvent[] = [];
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(rest);
      if (!end) return events;
      const complete = take(rest.slice(0, end.index));
      rest = rest.slice(end.index + end[0].length);
      if (complete) events.push(complete);
    }
  };
}
