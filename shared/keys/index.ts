/**
 * Every Redis key there is: name, shape, lifetime, writer. All keys of a workspace share the hash tag
 * `{workspace}`, so that one Lua script may touch any of them on Redis Cluster.
 */

/** A workspace's name: part of keys and of API keys, so short and plain. */
export const workspaceName = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** The queues of BullMQ, one per kind of work, with a hash tag of their own (`prefix` of BullMQ). */
export const bullPrefix = '{cs:jobs}';
export const queues = {
  /** Wakes intake when timers are due. Written by intake. */
  wakeups: 'wakeups',
  /** One attempt to bring a destination to a request's state. Written by notifier. */
  deliveries: 'deliveries',
  /** What admins ask of the notifier (a replay, a test of a destination), and telling a destination's owners. Written by notifier, from the feed. */
  errands: 'errands',
  /** One person's digest. Written by notifier. */
  digests: 'digests',
  /** One request's wait as a span. Written by notifier, where it exports any. */
  traces: 'traces',
} as const;

/** Keys that belong to no workspace. */
export const globalKeys = {
  /** Set of workspace names. Intake. For ever. */
  workspaces: 'cs:workspaces',
  /** String: JSON of the VAPID key pair. Intake, once. For ever. */
  vapid: 'cs:vapid',
  /** String: JSON of the Ed25519 key pair that webhooks are signed with. Whoever needs it first, once. For ever. */
  webhookKeys: 'cs:webhook-keys',
  /** Hash `version`, `keys` (JSON): what tokens are signed with, private halves included. Intake and `countersign keys signing`. For ever. */
  signingRing: 'cs:signing-ring',
  /** String: JSON of the channels that the running notifiers can send by. Notifier. 2 minutes, said again every 30 s. */
  notifierChannels: 'cs:notifier-channels',
  /** String: JSON `{workspace, person, roles}` of an unused pairing code, by SHA-256 of the code. Intake. 10 minutes. */
  pairCode: (codeHash: string) => `cs:pair:${codeHash}`,
  /** Counter of failed pairings by caller's address. Intake. 1 minute. */
  pairFailures: (address: string) => `cs:pair-failures:${address}`,
};

/** The keys of one workspace. */
export type WorkspaceKeys = Readonly<ReturnType<typeof nameKeys>>;

const known = new Map<string, WorkspaceKeys>();
/** As many workspaces as one process is busy with. */
const mostKnown = 1_000;

/** Names the keys of one workspace. Asked at every step of everything, so the answer is remembered. */
export function workspaceKeys(workspace: string): WorkspaceKeys {
  const remembered = known.get(workspace);
  if (remembered !== undefined) return remembered;
  const keys = nameKeys(workspace);
  if (known.size >= mostKnown) known.clear();
  known.set(workspace, keys);
  return keys;
}

function nameKeys(workspace: string) {
  const at = `cs:{${workspace}}:`;
  return {
    /** Hash `policy` (digest), `freeze` (epoch), `directory` (version of keys and people), `preferences` (their version), `signing` (version of the signing ring), `continuity` (run of Redis in which it was last looked for losses), `discontinuity` (Redis ms at which one was found), `gap` and `gap_accepted` (the sealed event that is missing). Intake. The preconditions of every commit. */
    state: `${at}state`,
    /** String: JSON of a policy set's files. Intake. For ever (small, and each request names its digests). */
    policy: (digest: string) => `${at}policy:${digest}`,
    /** Hash id → JSON of API keys, secrets hashed. Intake. For ever. */
    apiKeys: `${at}api-keys`,
    /** Hash id → JSON of people. Intake. For ever. */
    people: `${at}people`,
    /** Hash person → JSON of what may interrupt them. Intake. For ever. */
    preferences: `${at}preferences`,
    /** Hash id → JSON of freezes, lifted ones too. Intake. For ever. */
    freezes: `${at}freezes`,
    /** Hash id → JSON of destinations with their secrets. Intake writes, notifier disables those that are gone. Until deleted. */
    destinations: `${at}destinations`,
    /** String: JSON of whose a Slack bot token is, as Slack says, by SHA-256 of the API's base and the token. Intake. 1 day. */
    slackHome: (digest: string) => `${at}slack-home:${digest}`,
    /** Hash id → JSON of Web Push subscriptions. Intake writes, notifier deletes those that are gone. */
    pushSubscriptions: `${at}push-subscriptions`,

    /** Hash `revision`, `record` (JSON). Intake. Retention after the end; an hour if policy decided. */
    request: (id: string) => `${at}request:${id}`,
    /** String: JSON payload of one version, write-once, erasable. Intake. As its request. */
    payload: (id: string, version: number) => `${at}payload:${id}:${version}`,
    /** Hash `q1` of a question, `q1:answer` of its answer, `verdict:…`, `review:…` of reasons, `outcome:…` of details → salted JSON, write-once, erasable. Intake. As its request. */
    questions: (id: string) => `${at}questions:${id}`,
    /** String: JSON detail of the reported outcome, erasable. Intake. As its request. */
    outcomeDetail: (id: string) => `${at}outcome:${id}`,
    /** String: JSON `{digest, id}` of what an idempotency key was used for. Intake. As its request, at least a day. */
    idempotency: (agent: string, keyHash: string) => `${at}idempotency:${agent}:${keyHash}`,
    /** String: JSON of the rows that a reviewer was shown as a batch, and which they must open. Intake. 1 hour after it was last read. */
    batch: (id: string) => `${at}batch:${id}`,
    /** String: id of the request whose rejection answers the same call for a while. Intake. 10 minutes. */
    denied: (callDigest: string) => `${at}denied:${callDigest}`,
    /** String: id of a call that was drawn for review and has not run, by the SHA-256 of its tool and the digest of its arguments: proposed again, it is drawn again. Intake. Until it runs, 30 days at most. */
    drawn: (call: string) => `${at}drawn:${call}`,
    /** Hash of one standing grant: `record` (JSON), `state` (`active`, `revoked`), and a field `use:<n>` → request id for each call it let through. Intake. Until a minute after its end. */
    grant: (id: string) => `${at}grant:${id}`,
    /** Sorted set id → end in ms, of grants that may be in force. Intake. */
    grants: `${at}grants`,
    /** Same, of those for calls of one kind. Intake. A day after the last was given. */
    grantsFor: (match: string) => `${at}grants-for:${match}`,
    /** How much an agent asks of people: tallies (see `tally`) of its calls that ask, and of rejections since its last approval; `throttled`, a string with the JSON of why and until when it may ask nobody. Intake. As their windows; until the throttle ends. */
    flood: (agent: string) => ({
      asks: { members: `${at}flood-asks:${agent}`, sum: `${at}flood-asks-sum:${agent}` },
      rejections: {
        members: `${at}flood-rejections:${agent}`,
        sum: `${at}flood-rejections-sum:${agent}`,
      },
      throttled: `${at}throttled:${agent}`,
    }),
    /** Sorted set agent → Redis ms until which it may ask nobody. Intake. Those that are over leave with the next, lifted ones at once. */
    throttles: `${at}throttles`,
    /** What is counted over time, by the SHA-256 of what names it: a sorted set `<amount>:<request id>` → Redis ms, and a string with the sum of the amounts. Intake. One to two minutes longer than its window after the last was added. */
    tally: (digest: string) => ({ members: `${at}tally:${digest}`, sum: `${at}tally:${digest}:sum` }),
    /** Sorted set `<kind>:<id>` → due time in ms. Intake. The truth about timers. */
    timers: `${at}timers`,
    /** Sorted set `queueMember` → urgency, of pending requests an audience may decide: `any`, a group or a person. Intake. While pending. */
    queue: (audience: string) => `${at}queue:${audience}`,
    /** Sorted set `queueMember` → end of the window in ms, of what ran and an audience may review; 0 where an undo was asked for. Intake. Until then. */
    reviews: (audience: string) => `${at}reviews:${audience}`,
    /** Sorted set id → created_at, of requests by one field: status, agent, tool or run. Intake. As the request. */
    index: (field: 'status' | 'agent' | 'tool' | 'run', value: string) => `${at}index:${field}:${value}`,

    /** Sorted set id → created_at of canaries that wait, → decided_at of those that have ended. Intake. As the request. */
    canaries: (state: 'open' | 'ended') => `${at}canaries:${state}`,
    /** String: JSON of the value that a canary has instead of the right one. Intake. As its request, erasable. */
    canaryRight: (id: string) => `${at}canary-right:${id}`,
    /** String: JSON of who stopped the programme of canaries, and when. Intake. Until it goes on. */
    canariesStopped: `${at}canaries-stopped`,
    /** Hash `revision`, `cursor` (how far the feed was read), `drawn` (JSON list of Redis ms at which one is to be planted), `unquiet_until` (Redis ms), `written` (JSON list of the canaries of a library that were planted). Intake. For ever. */
    canaryPlan: `${at}canary-plan`,

    /** Hash `revision`, `drill` (JSON: which cards and how they were answered, no word of any), `past` (JSON of one's latest results). Intake. 90 days after it was last written. */
    drill: (person: string) => `${at}drill:${person}`,
    /** Sorted set person → Redis ms at which they last finished a drill. Intake. Those of 90 days ago leave with the next. */
    drilled: `${at}drilled`,

    /** Stream of events; groups `notifier` and `ledger`. Intake; notifier and ledger append their own kinds. */
    feed: `${at}feed`,
    /** Channel: the id of a request that has changed, or `*`. Intake publishes in its commits. */
    wake: `${at}wake`,

    /** Set of `<channel>-<id>`: where a request, or an alert, has been told of, so that what becomes of it goes there. Notifier. 40 days, 4 after its end. */
    asked: (requestId: string) => `${at}asked:${requestId}`,
    /** String: the alarm that nobody hears of a request has been raised. Notifier. 4 days. */
    unheard: (requestId: string) => `${at}unheard:${requestId}`,
    /** Hash event id → JSON of what happened while a traced request waited, for its span. Notifier, where it exports any. 40 days, 4 after its end. */
    waited: (requestId: string) => `${at}waited:${requestId}`,
    /** Hash of one destination's record for one request, compare-and-set. Notifier. 40 days while the request waits, 4 after. */
    delivery: (destination: string, requestId: string) => `${at}delivery:${destination}:${requestId}`,
    /** Sorted set JSON of a delivery → Redis ms since which nobody has looked whether the queue has it, of those still to be made. Notifier. Until they end, 4 days after their event at most. */
    wanted: `${at}wanted`,
    /** Hash of one destination, or one conversation of several: when it takes the next message, where it takes only so many a second, and `held`, `held_urgent`: until when it asked to be left alone. Beside it the sorted sets `:line` and `:due`: who waits for a moment, and when they are expected. See attempts/pace.lua. Notifier; intake lets go of one that is changed. Minutes, an hour at most where it asked. */
    pace: (destination: string) => `${at}pace:${destination}`,
    /** Hash `<channel>-<id>` → `<since ms> <attempts> <last ms>` of destinations for which everything has failed since. Notifier; intake forgets what is enabled again. */
    failing: `${at}failing`,
    /** Hash person → Redis ms until which their digests have told them. Notifier. While they want digests and are there. */
    digests: `${at}digests`,
    /** Hash of how far the log has been sealed: `log` (its name), `size`, `root`, `feed_id`, `checkpoint`. Ledger. */
    sealed: `${at}sealed`,
    /** Hash of what an alert is about → id of the last alert about it. Ledger. Until that alert is gone. */
    alerts: `${at}alerts`,
    /** Hash `record` (JSON) of one alert. Ledger. While it stands, and 40 days. */
    alert: (id: string) => `${at}alert:${id}`,
    /** Sorted set index → index of a request's entries in the log. Ledger. 90 days. */
    entries: (requestId: string) => `${at}entries:${requestId}`,

    /** Set of people who have been told that a destination was disabled, by that event's id. Notifier. 4 days. */
    ownersTold: (eventId: string) => `${at}owners-told:${eventId}`,
    /** Capped stream of delivery attempts. Notifier. */
    deliveryLog: `${at}delivery-log`,
  };
}

/** A request's place in a queue: its id, and whom of the audience it is no business of, or no longer. */
export function queueMember(id: string, notFor: Iterable<string>): string {
  return id + JSON.stringify([...notFor]);
}

/** The id in a place of a queue, or undefined where the request is not for this person. */
export function idForPerson(member: string, person: string): string | undefined {
  // Names may hold anything; between its own quotation marks, one is found nowhere else than where it stands.
  return member.includes(JSON.stringify(person)) ? undefined : member.slice(0, member.indexOf('['));
}
