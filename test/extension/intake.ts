/** A real intake with a real Redis, and policies made for what the extension has to show. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import { pino } from 'pino';
import { prepareDevelopment } from '../../services/intake/development.ts';
import { type Intake, startIntake } from '../../services/intake/start.ts';
import { startLedger } from '../../services/ledger/start.ts';
import { startTestRedis } from '../support/redis.ts';

const policies = `
version: 1
# Announced, so that a test may plant one: by itself intake finds nothing here that is old enough.
canaries: { announced: 2026-01-02, rate: 0.001 }
tools:
  orders.process_refund:
    reversible: false
    sensitivity: financial
    card: { title: "Refund {amount} {currency} to {email}" }
  db.drop_table: { reversible: false }
  tickets.comment: { reversible: true, card: { title: "Comment on {ticket}" } }
  crm.update_note: { reversible: true, compensation: crm.restore_note }
  crm.tag: { reversible: true, compensation: crm.untag, card: { title: "Tag {customer} as {tag}" } }
rules:
  - { name: tags, tools: [crm.tag], effect: review_after, tier: low }
  - { name: beacons, tools: [log.beacon], effect: review_after, tier: low }
  - name: big-refunds
    tools: [orders.process_refund]
    when: param.amount > 50
    effect: approval_required
    tier: high
    message: This refund needs a manager.
    editable: [amount, note]
  - name: absurd-refunds
    tools: [orders.process_refund]
    when: param.amount > 100000
    effect: deny
    message: Nobody gets that much.
  - name: drops
    tools: [db.drop_table]
    effect: approval_required
    tier: critical
    quorum: 2
    friction: { retype: [table] }
    editable: []
  - name: notes
    tools: [crm.update_note]
    effect: approval_required
    tier: low
    on_rejection: continue
  - name: watched
    tools: [crm.watch_note]
    effect: approval_required
    tier: low
    channels: [push]
  - name: comments
    tools: [tickets.comment]
    effect: approval_required
    tier: medium
    grants: { calls: 5, for: 1h, per: [param.ticket, param.author.name] }
  - name: labels
    tools: [tickets.label]
    effect: approval_required
    tier: low
    grants: { calls: 1, for: 90m }
  - name: rotations
    tools: [vault.rotate]
    effect: approval_required
    friction: { retype: [password] }
  - name: stored
    tools: [vault.note]
    when: param.note != "" and param.max_tokens > 500
    effect: approval_required
  - name: transfers
    tools: [bank.transfer]
    effect: approval_required
    tier: medium
    hold: 30s
    friction: { acknowledge: [iban] }
  - name: payouts
    tools: [bank.payout]
    effect: approval_required
    tier: medium
    escalate: [{ after: 20m, notify: [finance] }, { after: 40m, reviewers: [oncall] }]
  - name: merges
    tools: [crm.merge_accounts]
    effect: approval_required
    tier: medium
    quorum: 2
    editable: [note]
`;

export type ReviewIntake = {
  url: string;
  /** Of its Redis, for what is not done over HTTP. */
  redisUrl: string;
  pairCode: string;
  /** Proposes as the agent; gives the id. Fails the test if the answer is not a request for approval. */
  propose: (tool: string, args: JsonObject, more?: JsonObject) => Promise<string>;
  /** The request as the lead (another reviewer, `bo`) reads it. */
  read: (id: string) => Promise<RequestView>;
  /** Any call as the lead. */
  asLead: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: unknown }>;
  asAdmin: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: unknown }>;
  asAgent: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: unknown }>;
  /** Withdraws as the agent. */
  cancel: (id: string) => Promise<void>;
  /** Someone else who may decide, with a key of their own: any call as them. */
  asNewcomer: (id: string) => Promise<ReviewIntake['asLead']>;
  /** Stops answering, and starts again on the same port. */
  pause: () => Promise<void>;
  resume: () => Promise<void>;
  stop: () => Promise<void>;
};

export type IntakeOptions = {
  webDir?: string;
  /** One more policy file, beside what all tests have. */
  policy?: string;
  /** With the ledger behind it, which seals soon. */
  ledger?: boolean;
};

export async function startReviewIntake({
  policy,
  ledger: sealed = false,
  ...options
}: IntakeOptions = {}): Promise<ReviewIntake> {
  const redis = await startTestRedis();
  const policiesDir = await mkdtemp(join(tmpdir(), 'countersign-policies-'));
  await writeFile(join(policiesDir, 'extension.yaml'), policies);
  if (policy !== undefined) await writeFile(join(policiesDir, 'more.yaml'), policy);
  const logger = pino({ level: 'silent' });
  const dir = join(policiesDir, '..', `${basename(policiesDir)}-ledger`);
  const ledger = sealed
    ? await startLedger({
        ...{ redisUrl: redis.url, dir, logger, sealAfterMs: 50, readForMs: 20 },
        // Alerts are what a test says they are.
        alertEveryMs: 86_400_000,
      })
    : undefined;
  const mounted = ledger === undefined ? {} : { ledger: ledger.fetch };
  const start = (port: number) =>
    startIntake({
      redisUrl: redis.url,
      policiesDir,
      host: '127.0.0.1',
      port,
      logger,
      ...mounted,
      ...options,
    });
  let intake: Intake | undefined = await start(0);
  const { url } = intake;
  const { keys, pairCode } = await prepareDevelopment({ redisUrl: redis.url, logger });

  const ask = async (key: string, method: string, path: string, body?: unknown) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  };

  // A popup that opens itself would stand in the way of whatever a test is about; settings.test.ts lets it.
  await ask(keys.reviewer, 'PUT', '/v1/preferences', { opens_from: null });

  return {
    url,
    redisUrl: redis.url,
    pairCode,
    propose: async (tool, args, more = {}) => {
      const { status, body } = await ask(keys.agent, 'POST', '/v1/requests', {
        tool,
        args,
        agent: 'order-processor',
        ...more,
      });
      if (status !== 202) throw new Error(`proposing ${tool} gave ${status}: ${JSON.stringify(body)}`);
      return (body as { request: RequestView }).request.id;
    },
    read: async (id) => (await ask(keys.lead, 'GET', `/v1/requests/${id}`)).body as RequestView,
    asLead: (method, path, body) => ask(keys.lead, method, path, body),
    asAdmin: (method, path, body) => ask(keys.admin, method, path, body),
    asAgent: (method, path, body) => ask(keys.agent, method, path, body),
    cancel: async (id) => {
      await ask(keys.agent, 'POST', `/v1/requests/${id}/cancel`, {});
    },
    asNewcomer: async (id) => {
      const person = { id, name: id, email: `${id}@example.com`, groups: [] };
      await ask(keys.admin, 'POST', '/v1/people', person);
      const { body } = await ask(keys.admin, 'POST', '/v1/keys', { roles: ['reviewer'], owner: id });
      return (method, path, sent) => ask((body as { key: string }).key, method, path, sent);
    },
    pause: async () => {
      await intake?.stop();
      intake = undefined;
    },
    resume: async () => {
      intake ??= await start(Number(new URL(url).port));
    },
    stop: async () => {
      await intake?.stop();
      await ledger?.stop();
      await redis.stop();
      await rm(policiesDir, { recursive: true, force: true });
      await rm(dir, { recursive: true, force: true });
    },
  };
}

let orders = 1_287;

/** The arguments of a refund that wants approval, each for another order: a rejected call is not asked about twice. */
export function refund(): JsonObject {
  orders += 1;
  return {
    amount: 2400,
    currency: 'EUR',
    email: 'a.smith@acme.com',
    order_id: `ORD-${orders}`,
    note: 'Duplicate charge',
  };
}
