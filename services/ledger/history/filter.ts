/** What is asked of the history, as the engine is asked for it. Values are bound by name; a statement's text never holds one. Pure. */
import { listValue } from '@duckdb/node-api';
import type { Values } from './engine.ts';
import { termsOf } from './words.ts';

/** Each given member must hold. People and groups are named as they are called; times are Redis ms. */
export type Filter = {
  /** The status after the event; of a request, the one it has now. */
  status?: string | undefined;
  agent?: string | undefined;
  tool?: string | undefined;
  tier?: string | undefined;
  /** A rule that the event names; of a request, one that asked for it. */
  rule?: string | undefined;
  /** Who caused the event; of a request, who gave a verdict on it. */
  reviewer?: string | undefined;
  /** A group that was asked, told, or may decide since. */
  group?: string | undefined;
  type?: string | undefined;
  request_id?: string | undefined;
  /** From when on; of a request, when it was made. */
  from?: number | undefined;
  /** Before when. */
  to?: number | undefined;
  /** Words, in any order, all of them in one text of the request or in the entry itself. */
  q?: string | undefined;
};

/** Who is who, as far as it was not erased. */
export type People = {
  /** The pseudonym that stands for a person or a group; undefined where the log knows none, or not any more. */
  find(name: string): string | undefined;
};

/** Conditions, all of which hold, and the values that they name. */
export type Conditions = { all: string[]; values: Values };

/** The given ones among some conditions that each need one value of the filter. */
function conditions(filter: Filter, by: Partial<Record<keyof Filter, string>>): string[] {
  return Object.entries(by).flatMap(([name, sql]) =>
    filter[name as keyof Filter] === undefined ? [] : [sql],
  );
}

/** Every value that the filter's conditions may name. A name that nobody has is null, which equals nothing. */
export function valuesOf(filter: Filter, people: People, texts: readonly string[]): Values {
  const { status, agent, tool, tier, rule, type, request_id, from, to, reviewer, group } = filter;
  const pseudonymOf = (name: string | undefined) =>
    name === undefined ? undefined : (people.find(name) ?? null);
  const given = {
    ...{ status, agent, tool, tier, rule, type, request_id, group },
    reviewer: pseudonymOf(reviewer),
    group_pseudonym: pseudonymOf(group),
    from: from === undefined ? undefined : BigInt(from),
    to: to === undefined ? undefined : BigInt(to),
    ...Object.fromEntries(termsIn(filter).map((term, at) => [`term${at}`, term])),
    ...(searchesTexts(filter, texts) ? { texts: listValue(texts) } : {}),
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

const termsIn = ({ q }: Filter): string[] => (q === undefined ? [] : termsOf(q));

const searchesTexts = (filter: Filter, texts: readonly string[]): boolean =>
  texts.length > 0 && termsIn(filter).length > 0;

/** Requests with a text that has all words. */
const inTexts = (found: string): string =>
  `request_id IN (SELECT request_id FROM read_parquet($texts) WHERE ${found})`;

function aboutWords(filter: Filter, texts: readonly string[], own: (found: string) => string): string[] {
  if (filter.q === undefined) return [];
  const found = termsIn(filter)
    .map((_, at) => `contains(words, $term${at})`)
    .join(' AND ');
  // Asked for words that are none, as of spaces: nothing has them.
  if (found === '') return ['false'];
  return [searchesTexts(filter, texts) ? `(${own(found)} OR ${inTexts(found)})` : own(found)];
}

const isInGroup = '(list_contains(asked, $group) OR list_contains(asked, $group_pseudonym))';

/** Conditions on entries, each about the entry itself, but for words, which may be those of its request. */
export const ofEntries = (filter: Filter, texts: readonly string[]): string[] => [
  ...conditions(filter, {
    status: 'status = $status',
    agent: 'agent = $agent',
    tool: 'tool = $tool',
    tier: 'tier = $tier',
    type: 'type = $type',
    request_id: 'request_id = $request_id',
    reviewer: "(actor_kind = 'person' AND actor = $reviewer)",
    rule: 'list_contains(rules, $rule)',
    group: isInGroup,
    from: 'at_ms >= $from::BIGINT',
    to: 'at_ms < $to::BIGINT',
  }),
  ...aboutWords(filter, texts, (found) => `(${found})`),
];

/** Requests that have an entry for which something holds. */
const having = (holds: string): string => `request_id IN (SELECT request_id FROM entries WHERE ${holds})`;

/** Conditions on the entries of requests: one that holds for one of them holds for all. */
export const ofRequests = (filter: Filter, texts: readonly string[]): string[] => [
  'request_id IS NOT NULL',
  ...conditions(filter, {
    agent: 'agent = $agent',
    tool: 'tool = $tool',
    request_id: 'request_id = $request_id',
    type: having('type = $type'),
    reviewer: having("type = 'verdict.given' AND actor = $reviewer"),
    rule: having('list_contains(rules, $rule)'),
    group: having(isInGroup),
  }),
  ...aboutWords(filter, texts, having),
];

/** Conditions on a request as a whole. */
export const ofWholeRequests = (filter: Filter): string[] =>
  conditions(filter, {
    status: 'arg_max(status, seq) = $status',
    tier: 'arg_max(tier, seq) = $tier',
    from: 'min(at_ms) >= $from::BIGINT',
    to: 'min(at_ms) < $to::BIGINT',
  });
