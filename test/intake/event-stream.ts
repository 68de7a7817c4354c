/** Reads `GET /v1/stream` as a browser's surface does: with fetch and a bearer key. */

export type Sent = { event: string; id: string; data: Record<string, unknown> };

export type OpenStream = {
  status: number;
  headers: Headers;
  /** What has come so far, in order. */
  events: Sent[];
  /** Comment lines so far: heartbeats. */
  comments: string[];
  /** Settles when the server ends it, or it is closed here. */
  ended: Promise<void>;
  close: () => void;
};

function take(block: string, stream: OpenStream): void {
  const fields: Record<string, string> = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0) stream.comments.push(line.slice(1).trim());
    else if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trim();
  }
  const { event, id, data } = fields;
  if (event !== undefined) stream.events.push({ event, id: id ?? '', data: JSON.parse(data ?? '{}') });
}

/** Opens the stream; `after` resumes behind that event. */
export async function openStream(url: string, key: string, after?: string): Promise<OpenStream> {
  const closing = new AbortController();
  const response = await fetch(`${url}/v1/stream`, {
    headers: { authorization: `Bearer ${key}`, ...(after === undefined ? {} : { 'last-event-id': after }) },
    signal: closing.signal,
  });
  const stream: OpenStream = {
    status: response.status,
    headers: response.headers,
    events: [],
    comments: [],
    ended: Promise.resolve(),
    close: () => closing.abort(),
  };
  stream.ended = (async () => {
    let text = '';
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) take(block, stream);
    }
  })().catch(() => {});
  return stream;
}
