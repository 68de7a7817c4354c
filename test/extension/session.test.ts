import { describe, expect, test } from 'vitest';
import { confirmOf, noConfirmations, unconfirmed } from '../../extension/decide/friction.ts';
import { emptySession, isOpen, type Session, step } from '../../extension/decide/session.ts';
import { approval, ownVerdict, rejection } from '../../extension/decide/verdict.ts';
import { sampleRequest } from './sample.ts';

const seen = (part: Parameters<typeof sampleRequest>[0] = {}): Session =>
  step(emptySession, { kind: 'read', request: sampleRequest(part) });

describe('a card on a surface', () => {
  test('takes in progress and claims without a word', () => {
    const next = sampleRequest({ revision: 2, viewed_by: ['bo'] });
    expect(step(seen(), { kind: 'read', request: next })).toMatchObject({ shown: next, newer: null });
  });

  test('keeps what is looked at when a newer version comes, and can not be decided until it is looked at', () => {
    const newer = sampleRequest({ revision: 2, version: 2, args_digest: 'sha256:other' });
    const session = step(seen(), { kind: 'read', request: newer });
    expect(session.shown?.version).toBe(1);
    expect(isOpen(session)).toBe(false);
    expect(step(session, { kind: 'look_again' })).toMatchObject({ shown: newer, newer: null });
  });

  test('is not set back by an answer that was overtaken', () => {
    const session = seen({ revision: 5 });
    expect(step(session, { kind: 'read', request: sampleRequest({ revision: 4 }) })).toBe(session);
  });

  test('takes one verdict at a time, and shows none before the server has confirmed it', () => {
    const sending = step(seen(), { kind: 'sent', deed: 'approve' });
    expect(isOpen(sending)).toBe(false);
    expect(sending.shown?.status).toBe('pending');
    const done = step(sending, {
      kind: 'confirmed',
      deed: 'approve',
      request: sampleRequest({ revision: 2, status: 'approved' }),
    });
    expect(done).toMatchObject({ sending: null, done: 'approve', shown: { status: 'approved' } });
  });

  test('can be decided again after a failure', () => {
    const sending = step(seen(), { kind: 'sent', deed: 'approve' });
    const failed = step(sending, {
      kind: 'refused',
      trouble: { code: 'unreachable', detail: '', extra: {} },
    });
    expect(isOpen(failed)).toBe(true);
  });
});

describe('a verdict', () => {
  test('law 6: carries the version and the digest that were displayed', () => {
    const request = sampleRequest({ version: 3 });
    const shown = { version: 3, args_digest: request.args_digest };
    expect(approval(request, request.friction, undefined, '').seen).toEqual(shown);
    expect(rejection(request, ' no ')).toEqual({ verdict: 'reject', seen: shown, reason: 'no' });
  });

  test('confirms the values of the edited arguments', () => {
    const request = sampleRequest({ friction: { kind: 'retype', paths: ['amount'] } });
    const body = approval(request, request.friction, { ...request.args, amount: 129 }, 'less');
    expect(body).toMatchObject({ confirm: { amount: 129 }, args: { amount: 129 }, reason: 'less' });
  });

  test('is one’s own only for the arguments at hand, however many may decide by now', () => {
    const { args_digest } = sampleRequest();
    const verdict = {
      reviewer: 'ann',
      verdict: 'approve' as const,
      version: 1,
      args_digest,
      edited: false,
      at: '',
    };
    expect(ownVerdict(sampleRequest({ verdicts: [verdict] }), 'ann')).toBe(verdict);
    expect(ownVerdict(sampleRequest({ verdicts: [verdict], version: 2 }), 'ann')).toBe(verdict);
    const edited = sampleRequest({ verdicts: [verdict], version: 2, args_digest: 'sha256:other' });
    expect(ownVerdict(edited, 'ann')).toBeUndefined();
  });
});

describe('friction', () => {
  const args = { amount: 2400, to: 'a@b.c', nested: { list: [1, 2] } };
  const retype = { kind: 'retype' as const, paths: ['amount', 'to'] };
  const typed = (values: Record<string, string>) => ({ ticked: {}, typed: values });

  test('wants a tick for each value', () => {
    const acknowledge = { kind: 'acknowledge' as const, paths: ['amount', 'nested.list'] };
    expect(unconfirmed(acknowledge, args, noConfirmations)).toEqual(['amount', 'nested.list']);
    expect(unconfirmed(acknowledge, args, { ticked: { amount: true }, typed: {} })).toEqual(['nested.list']);
    expect(confirmOf(acknowledge, args)).toEqual({ amount: 2400, 'nested.list': [1, 2] });
  });

  test('wants the very value typed', () => {
    expect(unconfirmed(retype, args, typed({ amount: '2400.00', to: ' a@b.c ' }))).toEqual([]);
    expect(unconfirmed(retype, args, typed({ amount: '240', to: 'A@b.c' }))).toEqual(['amount', 'to']);
    expect(unconfirmed(retype, args, typed({ amount: '2,400', to: '' }))).toEqual(['amount', 'to']);
  });

  test('asks for nothing where an edit left nothing', () => {
    expect(unconfirmed({ kind: 'retype', paths: ['gone'] }, args, noConfirmations)).toEqual([]);
    expect(confirmOf({ kind: 'retype', paths: ['gone'] }, args)).toEqual({});
  });
});
