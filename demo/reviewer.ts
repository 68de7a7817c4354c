/** A reviewer who needs no person: reads the queue over REST and decides, as the extension would. */
import type { JsonObject, ProblemDocument, RequestView } from '../sdk/index.ts';

/** `undefined` leaves the request to others. */
export type Judgement =
  | { verdict: 'approve'; args?: JsonObject; reason?: string }
  | { verdict: 'reject'; reason: string }
  | undefined;
export type Judge = (request: RequestView) => Judgement;

export type Reviewer = {
  /** Finishes what is in hand, then rests. */
  stop(): Promise<void>;
};

/** What another reviewer, the clock or policy may have done first. None of it is an error. */
const overtaken = new Set(['already_decided', 'stale', 'not_your_request']);

/** Seconds between two looks at a queue that held nothing new. */
const rest = 0.1;

export type ReviewerOptions = {
  url: string;
  /** A reviewer's. */
  key: string;
  judge: Judge;
  /** Told once, with what ended the work; nobody decides after that. */
  onError: (error: unknown) => void;
};

/** Starts deciding whatever comes into the queue of this key. Each version of a request is decided once. */
export function startReviewer({ url, key, judge, onError }: ReviewerOptions): Reviewer {
  const done = new Set<string>();
  const stopping = new AbortController();

  async function call(path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  async function decide(request: RequestView): Promise<void> {
    const judgement = judge(request);
    if (!judgement) return;
    const { id, version, args_digest, friction } = request;
    const args = judgement.verdict === 'approve' ? (judgement.args ?? request.args) : request.args;
    const confirm = Object.fromEntries(friction.paths.map((path) => [path, at(args, path)]));
    const answer = await call(`/v1/requests/${encodeURIComponent(id)}/decision`, {
      ...judgement,
      seen: { version, args_digest },
      confirm,
    });
    if (answer.status === 200) return;
    const problem = answer.body as ProblemDocument;
    if (!overtaken.has(problem.code)) throw new Error(`deciding ${id}: ${problem.code}: ${problem.detail}`);
  }

  async function look(): Promise<number> {
    const answer = await call('/v1/queue?limit=200');
    if (answer.status !== 200) throw new Error(`reading the queue: HTTP ${answer.status}`);
    const { items } = answer.body as { items: RequestView[] };
    const fresh = items.filter(({ id, version }) => !done.has(`${id} ${version}`));
    for (const { id, version } of fresh) done.add(`${id} ${version}`);
    await Promise.all(fresh.map(decide));
    return fresh.length;
  }

  const working = (async () => {
    while (!stopping.signal.aborted) {
      const found = await look();
      if (found === 0) await new Promise((resolve) => setTimeout(resolve, rest * 1000));
    }
  })();
  const ended = working.catch(onError);

  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

/** The value at a dotted path, or null. */
function at(args: JsonObject, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => {
    const inside = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    return inside ? (value as Record<string, unknown>)[key] : null;
  }, args);
}
