/** What `audit verify` makes of the commitments that say which requests were planted. */
import { canaryCommitment } from '@countersign/shared/digest';
import { expect, test } from 'vitest';
import { CanaryLedger } from '../../cli/audit/canaries.ts';

const id = 'req_1';
const bytes = (entry: unknown): Uint8Array => Buffer.from(JSON.stringify(entry));
const made = (planted: boolean, salt = 's1') => ({
  data: { canary_commitment: canaryCommitment(id, { planted, salt }) },
  request_id: id,
  status: 'pending',
  type: 'request.created',
});
const ended = (canary?: unknown) => ({
  data: canary === undefined ? {} : { canary },
  request_id: id,
  status: 'cancelled',
  type: 'request.cancelled',
});

function read(...entries: unknown[]) {
  const ledger = new CanaryLedger();
  const found = entries.flatMap((entry, index) => ledger.read(bytes(entry), index));
  return { codes: found.map(({ code }) => code), count: ledger.count };
}

test('a commitment that its end opens counts, as planted or not', () => {
  expect(read(made(true), ended({ planted: true, salt: 's1' }))).toEqual({
    codes: [],
    count: { revealed: 1, planted: 1, hidden: 0 },
  });
  expect(read(made(false), ended({ planted: false, salt: 's1' }))).toEqual({
    codes: [],
    count: { revealed: 1, planted: 0, hidden: 0 },
  });
  expect(read(made(false)).count).toEqual({ revealed: 0, planted: 0, hidden: 1 });
});

test('an end that says something else, or of another request, or nothing, is a finding', () => {
  expect(read(made(false), ended({ planted: true, salt: 's1' })).codes).toEqual(['canary_mismatch']);
  expect(read(made(true), ended({ planted: true, salt: 's2' })).codes).toEqual(['canary_mismatch']);
  const other = {
    ...made(true),
    data: { canary_commitment: canaryCommitment('req_2', { planted: true, salt: 's1' }) },
  };
  expect(read(other, ended({ planted: true, salt: 's1' })).codes).toEqual(['canary_mismatch']);
  expect(read(made(true), ended()).codes).toEqual(['canary_hidden']);
  expect(read(ended({ planted: true, salt: 's1' })).codes).toEqual(['canary_uncommitted']);
  expect(read(ended('true')).codes).toEqual(['canary_uncommitted']);
});

test('what was written before there were commitments, and what is no JSON, is no finding', () => {
  expect(read(ended()).codes).toEqual([]);
  expect(new CanaryLedger().read(Buffer.from('"canary": {{'), 0)).toEqual([]);
});
