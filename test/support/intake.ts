import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { JsonObject, Proposed, RequestView } from '@countersign/shared/contracts';
import type { Fetch } from '@countersign/shared/http';
import { type Logger, pino } from 'pino';
import {
  type DevelopmentKeys,
  developmentPeople,
  prepareDevelopment,
} from '../../services/intake/development.ts';
import { startIntake } from '../../services/intake/start.ts';

/** An answer of the API. `code` is the problem's where it is one; `body` is only what the caller says it is. */
export type Answer<Body> = { status: number; code: string | undefined; headers: Headers; body: Body };

/** Calls one intake: `call(keys.agent, 'POST', '/v1/requests', {…}, {'idempotency-key': 'k'})`. */
export type Call = <Body = JsonObject>(
  key: string,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer<Body>>;

export type TestIntake = {
  url: string;
  /** Keys of four people: `agent` proposes, `reviewer` and `lead` decide, `admin` configures. */
  keys: DevelopmentKeys;
  /** Whose they are. */
  people: typeof developmentPeople;
  /** Where its policy files are; it looks for changes twenty times a second. */
  policiesDir: string;
  call: Call;
  /** Proposes, and expects to be told that a human must look. */
  propose: (body: { tool: string; args: JsonObject } & Record<string, unknown>) => Promise<RequestView>;
  /** One more reviewer, who is in these groups; answers with their key. */
  addReviewer: (id: string, groups?: string[]) => Promise<string>;
  /** Lets it finish and removes its policies. Redis stays. */
  stop: () => Promise<void>;
};

/**
 * The calls of any intake, one in another process included. Rejects where the connection ends without an answer.
 * By node:http: races make tens of thousands of calls, and `fetch` costs three times as much.
 */
export function callerOf(url: string): Call {
  const agent = new Agent({ keepAlive: true });
  return async (key, method, path, body, headers = {}) => {
    const sent = body === undefined ? '' : JSON.stringify(body);
    // Node frames the body of a DELETE only where its length is given.
    const length = sent === '' ? {} : { 'content-length': Buffer.byteLength(sent) };
    const call = request(url + path, {
      agent,
      method,
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        ...length,
        ...headers,
      },
    });
    call.end(sent);
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    const said = await text(response);
    const type = response.headers['content-type'] ?? '';
    const answer = type.includes('json') ? JSON.parse(said) : said;
    return {
      status: response.statusCode ?? 0,
      code: type.startsWith('application/problem+json') ? answer.code : undefined,
      headers: new Headers(response.headers as Record<string, string>),
      body: answer,
    };
  };
}

/** Writes a directory of policy files, by name; `<workspace>/<name>` for another workspace's. */
export function writePolicies(files: Record<string, string>): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-policies-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/**
 * A real intake in this process, on a free port, with the development keys. `policies` is the YAML of one file, or
 * of several by name; without it, every call waits for one reviewer. A second intake on the same Redis is given the
 * `keys` of the first, so that both serve the same people.
 */
export async function startTestIntake(options: {
  redisUrl: string;
  policies?: string | Record<string, string>;
  keys?: DevelopmentKeys;
  /** Where a ledger notes what it has sealed. */
  ledgerDir?: string;
  /** Answers the ledger's calls on the same port. */
  ledger?: Fetch;
  /** Where it logs; only errors, to the test's output, when absent. */
  logger?: Logger;
}): Promise<TestIntake> {
  const { redisUrl, policies = 'version: 1\ndefault: approval_required\nrules: []\n' } = options;
  const { logger = pino({ level: 'error' }) } = options;
  const written = writePolicies(typeof policies === 'string' ? { 'policy.yaml': policies } : policies);
  const intake = await startIntake({
    redisUrl,
    policiesDir: written.dir,
    policyPollMs: 50,
    development: true,
    ...(options.ledgerDir === undefined ? {} : { ledgerDir: options.ledgerDir }),
    ...(options.ledger === undefined ? {} : { ledger: options.ledger }),
    port: 0,
    logger,
  });
  const { keys } =
    options.keys === undefined ? await prepareDevelopment({ redisUrl, logger }) : { keys: options.keys };
  const call = callerOf(intake.url);

  return {
    url: intake.url,
    keys,
    people: developmentPeople,
    policiesDir: written.dir,
    call,
    async propose(body) {
      const { body: proposed } = await call<Proposed>(keys.agent, 'POST', '/v1/requests', {
        agent: 'tester',
        ...body,
      });
      if (proposed.decision === 'approval_required') return proposed.request;
      throw new Error(`expected to wait for a human: ${JSON.stringify(proposed)}`);
    },
    async addReviewer(id, groups = []) {
      await call(keys.admin, 'POST', '/v1/people', { id, name: id, groups });
      const made = await call<{ key: string }>(keys.admin, 'POST', '/v1/keys', {
        roles: ['reviewer'],
        owner: id,
      });
      return made.body.key;
    },
    async stop() {
      await intake.stop();
      written.remove();
    },
  };
}
