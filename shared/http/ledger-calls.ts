/** The calls that the ledger answers. Here, since intake describes them as well: there is one OpenAPI document. */
import { z } from 'zod';
import {
  AlertList,
  AskSuggestions,
  AuditEntries,
  AuditQuery,
  DraftPolicy,
  Figures,
  FiguresQuery,
  HistoryPage,
  HistoryQuery,
  LoadFigures,
  LoadQuery,
  Mine,
  MineQuery,
  PolicyDraft,
  ProofQuery,
  RequestProof,
  type Role,
  RunningPolicy,
  Simulate,
  SimulationLine,
  SuggestionsLine,
  SuggestionsQuery,
  Trend,
  TrendQuery,
} from '../contracts/index.ts';
import type { CallFacts } from './facts.ts';

const overseers = ['lead', 'auditor'] as const satisfies readonly Role[];
const text = 'text/plain';
const bytes = 'application/octet-stream';

/** By name. Addresses below `/v1/audit/` are those of C2SP tlog-tiles, so that any tool for such logs reads it. */
export const ledgerCalls = {
  checkpoint: {
    method: 'get',
    path: '/v1/audit/checkpoint',
    summary: 'The newest checkpoint of the sealed log, a signed note.',
    roles: overseers,
    answers: { 200: { description: 'C2SP tlog-checkpoint.', schema: z.string(), type: text } },
    problems: ['not_found', 'not_sealed_yet'],
  },
  verifierKey: {
    method: 'get',
    path: '/v1/audit/verifier-key',
    summary: 'The key that checkpoints verify with. Whoever does not trust this server gets it elsewhere.',
    roles: overseers,
    answers: { 200: { description: 'One line.', schema: z.string(), type: text } },
    problems: ['not_found', 'not_sealed_yet'],
  },
  tile: {
    method: 'get',
    path: '/v1/audit/tile/{path}',
    summary: 'A tile of hashes, or a bundle of entries (`entries/…`), by its path of C2SP tlog-tiles.',
    roles: overseers,
    answers: {
      200: { description: 'Its bytes. A full one never changes.', schema: z.string(), type: bytes },
    },
    problems: ['not_found', 'not_sealed_yet'],
  },
  entries: {
    method: 'get',
    path: '/v1/audit/entries',
    summary: 'Entries with the names and texts that were not erased. That they were read is on record.',
    roles: overseers,
    query: AuditQuery,
    answers: { 200: { description: 'A page, the oldest first.', schema: AuditEntries } },
    problems: ['not_found', 'not_sealed_yet', 'invalid_request'],
  },
  history: {
    method: 'get',
    path: '/v1/audit/history',
    summary: 'Search the sealed log, or export what is found as JSON Lines or CSV. Either is on record.',
    roles: overseers,
    query: HistoryQuery,
    answers: { 200: { description: 'A page, the newest first; or a stream.', schema: HistoryPage } },
    problems: ['not_ready', 'search_too_long', 'invalid_request'],
  },
  simulate: {
    method: 'post',
    path: '/v1/policy/simulate',
    summary:
      'What a policy would have answered to the actions of the sealed log. That it was asked is on record.',
    roles: ['admin', 'lead'],
    body: Simulate,
    answers: {
      200: {
        description: 'JSON Lines: how far it is, a line at a time, then the result.',
        schema: SimulationLine,
        type: 'application/x-ndjson',
      },
    },
    problems: ['policy_invalid', 'not_sealed_yet', 'rate_limited', 'invalid_request'],
  },
  policy: {
    method: 'get',
    path: '/v1/policy',
    summary: 'The policy that runs: its files, and the rules in them.',
    roles: ['admin', 'lead'],
    answers: { 200: { description: 'As intake put it in force.', schema: RunningPolicy } },
    problems: ['not_ready'],
  },
  draftPolicy: {
    method: 'post',
    path: '/v1/policy/draft',
    summary:
      'What the files of the policy would be with these rules. Nothing is written, and nothing applies.',
    roles: ['admin', 'lead'],
    body: DraftPolicy,
    answers: {
      200: { description: 'The files that would be others, and all of them.', schema: PolicyDraft },
    },
    problems: ['policy_invalid', 'not_ready', 'invalid_request'],
  },
  figures: {
    method: 'get',
    path: '/v1/insights/figures',
    summary:
      'Whether people still read what they approve: figures by tool, rule, tier and team, each with its interval, or as too few to say. That they were read is on record.',
    roles: ['lead'],
    query: FiguresQuery,
    answers: { 200: { description: 'The rows with the most requests first; or CSV.', schema: Figures } },
    problems: ['not_ready', 'invalid_request'],
  },
  trend: {
    method: 'get',
    path: '/v1/insights/trend',
    summary: 'The same figures day by day, UTC. That they were read is on record.',
    roles: ['lead'],
    query: TrendQuery,
    answers: { 200: { description: 'Days on which something happened; or CSV.', schema: Trend } },
    problems: ['not_ready', 'invalid_request'],
  },
  load: {
    method: 'get',
    path: '/v1/insights/load',
    summary:
      'What arrives against who is there, and how long it waits, by hour. That it was read is on record.',
    roles: ['lead'],
    query: LoadQuery,
    answers: {
      200: { description: 'Of the last 92 days of the window at most; or CSV.', schema: LoadFigures },
    },
    problems: ['not_ready', 'invalid_request'],
  },
  mine: {
    method: 'get',
    path: '/v1/insights/mine',
    summary: 'The caller’s own figures, which nobody else is given.',
    roles: ['reviewer'],
    query: MineQuery,
    answers: { 200: { description: 'What their verdicts come to.', schema: Mine } },
    problems: ['not_ready', 'invalid_request'],
  },
  alerts: {
    method: 'get',
    path: '/v1/insights/alerts',
    summary:
      'What leads are told of unasked: what stands now, and what has been cleared. That it was read is on record.',
    roles: ['lead'],
    answers: { 200: { description: 'The newest first.', schema: AlertList } },
  },
  suggestions: {
    method: 'get',
    path: '/v1/insights/suggestions',
    summary: 'Where a person should be asked, tested on the sealed log; that it was read is on record.',
    roles: ['lead'],
    query: SuggestionsQuery,
    answers: {
      200: {
        description: 'JSON Lines: how far it is, a line at a time, then the result.',
        schema: SuggestionsLine,
        type: 'application/x-ndjson',
      },
    },
    problems: ['not_sealed_yet', 'rate_limited', 'invalid_request'],
  },
  askSuggestions: {
    method: 'post',
    path: '/v1/insights/suggestions',
    summary: 'The same, with what audits found in the body.',
    roles: ['lead'],
    body: AskSuggestions,
    answers: {
      200: {
        description: 'JSON Lines: how far it is, a line at a time, then the result.',
        schema: SuggestionsLine,
        type: 'application/x-ndjson',
      },
    },
    problems: ['not_sealed_yet', 'rate_limited', 'invalid_request'],
  },
  proof: {
    method: 'get',
    path: '/v1/requests/{id}/proof',
    summary: 'The proof that an entry of a request stands in the sealed log.',
    roles: ['lead', 'auditor', 'reviewer', 'agent'],
    query: ProofQuery,
    answers: { 200: { description: 'The entry and its proof.', schema: RequestProof } },
    problems: ['not_found', 'not_sealed_yet', 'not_your_request', 'invalid_request'],
  },
} as const satisfies Record<string, CallFacts>;
