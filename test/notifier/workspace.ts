import type { Preferences } from '@countersign/shared/contracts';
import type {
  ApiKeyRecord,
  DeliveryAttempt,
  DestinationRecord,
  PersonRecord,
  PushSubscriptionRecord,
} from '@countersign/shared/directory';
import { decodeEvent, type EventType, encodeEvent, type FeedEvent } from '@countersign/shared/feed';
import { bullPrefix, globalKeys, queues, workspaceKeys } from '@countersign/shared/keys';
import { audienceOf, type Payload, type RequestRecord } from '@countersign/shared/request';
import type { Redis } from 'ioredis';

export const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** A pending request that anyone may decide, made by the key `agent-key`. */
export function pendingRequest(
  workspace: string,
  id: string,
  change: Partial<RequestRecord> = {},
): RequestRecord {
  const created_at = Date.now();
  return {
    id,
    workspace,
    agent: 'order-processor',
    tool: 'orders.process_refund',
    key_id: 'agent-key',
    owner: 'dev',
    context_trusted: true,
    status: 'pending',
    revision: 1,
    version: 1,
    payload_version: 1,
    args_digest: 'sha256:aa',
    proposed_digest: 'sha256:aa',
    terms: {
      tier: 'high',
      requirements: [{ rule: 'big-refunds', slots: [{ from: null, need: 1 }] }],
      hold_ms: 0,
      on_rejection: 'fail',
      editable: null,
      friction: { kind: 'none', paths: [] },
    },
    rules: ['big-refunds'],
    messages: [],
    channels: [],
    escalate: [],
    tool_facts: {},
    policy_digests: ['sha256:bb'],
    created_at,
    expires_at: created_at + 600_000,
    valid_for_ms: 3_600_000,
    verdicts: [],
    viewed_by: [],
    freeze_epoch: 0,
    warnings: [],
    ...change,
  };
}

export type TestWorkspace = ReturnType<typeof testWorkspace>;

/** Writes what intake writes, through the shared types, into a workspace of the test's own. */
export function testWorkspace(redis: Redis, workspace: string) {
  const keys = workspaceKeys(workspace);
  const records = new Map<string, RequestRecord>();

  async function commit(record: RequestRecord, type: EventType): Promise<string> {
    records.set(record.id, record);
    const actor = { kind: 'system', id: 'test' } as const;
    const { id: request_id, agent, tool, status, revision, version } = record;
    const facts = { request_id, agent, tool, tier: record.terms.tier, status, revision, version };
    const event = encodeEvent({ type, at: Date.now(), actor, ...facts, audience: audienceOf(record) });
    const replies = await redis
      .multi()
      .hset(keys.request(record.id), 'revision', record.revision, 'record', JSON.stringify(record))
      .xadd(keys.feed, '*', ...event)
      .exec();
    return String(replies?.[1]?.[1]);
  }

  return {
    name: workspace,
    keys,
    open: () => redis.sadd(globalKeys.workspaces, workspace),
    async addKey(key: Pick<ApiKeyRecord, 'id' | 'owner' | 'roles'> & Partial<ApiKeyRecord>): Promise<void> {
      const record: ApiKeyRecord = { hash: 'x', agents: [], trusted_context: true, created_at: 0, ...key };
      await redis
        .multi()
        .hset(keys.apiKeys, key.id, JSON.stringify(record))
        .hincrby(keys.state, 'directory', 1)
        .exec();
    },
    async addPerson(person: PersonRecord): Promise<void> {
      await redis
        .multi()
        .hset(keys.people, person.id, JSON.stringify(person))
        .hincrby(keys.state, 'directory', 1)
        .exec();
    },
    /** What a person wishes; what is left out has its default. */
    async addPreferences(person: string, wish: Partial<Preferences>): Promise<void> {
      await redis
        .multi()
        .hset(keys.preferences, person, JSON.stringify(wish))
        .hincrby(keys.state, 'preferences', 1)
        .exec();
    },
    async addDestination(url: string, change: Partial<DestinationRecord> = {}): Promise<DestinationRecord> {
      const record: DestinationRecord = {
        id: 'dst_1',
        name: 'test',
        kind: 'webhook',
        url,
        secret,
        created_at: 0,
        ...change,
      };
      await redis.hset(keys.destinations, record.id, JSON.stringify(record));
      return record;
    },
    async addSubscription(subscription: Omit<PushSubscriptionRecord, 'created_at'>): Promise<void> {
      const record = JSON.stringify({ ...subscription, created_at: 0 });
      await redis.hset(keys.pushSubscriptions, subscription.id, record);
    },
    /** A new request with its payload and `request.created`; gives the event's id. */
    async create(id: string, change: Partial<RequestRecord> = {}): Promise<string> {
      const payload: Payload = {
        args: { order: 'A-1', amount: 80 },
        salt: 'salt',
        why: [],
        said: { resume: 'opaque' },
      };
      await redis.set(keys.payload(id, 1), JSON.stringify(payload));
      return commit(pendingRequest(workspace, id, change), 'request.created');
    },
    /** The next commit of a request, with its event; gives the event's id. */
    async change(id: string, type: EventType, change: Partial<RequestRecord>): Promise<string> {
      const before = records.get(id) ?? pendingRequest(workspace, id);
      return commit({ ...before, ...change, revision: before.revision + 1 }, type);
    },
    approve(id: string): Promise<string> {
      return this.change(id, 'request.approved', {
        status: 'approved',
        decided_at: Date.now(),
        decided_by: 'ann',
      });
    },
    async feed(): Promise<FeedEvent[]> {
      return (await redis.xrange(keys.feed, '-', '+')).map(([id, fields]) => decodeEvent(id, fields));
    },
    async attempts(): Promise<DeliveryAttempt[]> {
      const lines = await redis.xrange(keys.deliveryLog, '-', '+');
      return lines.map(([, fields]) => JSON.parse(fields[1] ?? '') as DeliveryAttempt);
    },
    /** The Redis keys of this workspace's jobs. */
    async jobs(): Promise<string[]> {
      return redis.keys(`${bullPrefix}:${queues.deliveries}:${workspace}_*`);
    },
    /** Events that the group has not acknowledged, or not even read. */
    async unhandled(group = 'notifier'): Promise<number> {
      const groups = (await redis.xinfo('GROUPS', keys.feed)) as (string | number)[][];
      const found = groups.find((each) => each[1] === group);
      return found === undefined ? -1 : Number(found[5]) + Number(found[11] ?? 0);
    },
  };
}
