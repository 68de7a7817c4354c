/** Rotation while two intakes mint and consume, and gateways verify by a set that they keep for ten minutes. */
import { type TokenVerdict, verifyToken } from '@countersign/sdk/token';
import type { JSONWebKeySet } from 'jose';
import { expect, test } from 'vitest';
import { rotated } from '../../services/intake/signing/ring.ts';
import { changeRing } from '../../services/intake/signing/stored-ring.ts';
import { consume, proposeAllowed } from '../laws/arena.ts';
import type { TestIntake } from '../support/intake.ts';
import { gates, kidOf } from './gates.ts';

const here = gates('version: 1\ndefault: allow\nrules: []\n');

const jwksOf = async ({ url }: TestIntake): Promise<JSONWebKeySet> =>
  (await fetch(`${url}/.well-known/jwks.json`)).json();

/** A gateway as the SDK's users write it. It never fetches the set sooner because of a key that it doesn't know. */
function gateway(intake: () => TestIntake): (token: string, minute: number) => Promise<TokenVerdict> {
  let kept: { at: number; jwks: JSONWebKeySet } | undefined;
  return async (token, minute) => {
    if (kept === undefined || minute - kept.at >= 10) kept = { at: minute, jwks: await jwksOf(intake()) };
    const expected = { issuer: 'countersign', audience: 'countersign:default', now: Date.now() };
    return verifyToken(token, kept.jwks, expected);
  };
}

test('over three rotations no gateway refuses a token, and either intake takes what the other has minted', {
  timeout: 60_000,
}, async () => {
  const gateways = [gateway(() => here.left), gateway(() => here.right), gateway(() => here.left)];
  const first = await proposeAllowed(here.left, 'pay', { n: 'first' });
  const used = new Set<string>();
  for (let minute = 0; minute < 75; minute++) {
    if (minute % 25 === 3) await changeRing(here.commands, rotated);
    const [one, other] = await Promise.all([
      proposeAllowed(here.left, 'pay', { minute }),
      proposeAllowed(here.right, 'pay', { minute }),
    ]);
    for (const [index, verify] of gateways.entries()) {
      // Their sets are of different ages.
      if (minute < index * 3) continue;
      for (const { token } of [one, other]) expect(await verify(token, minute)).toMatchObject({ ok: true });
    }
    const answers = await Promise.all([consume(here.right, one), consume(here.left, other)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    used.add(kidOf(one)).add(kidOf(other));
    await here.later(1);
  }
  expect(used.size).toBe(4);
  // Of a key that has gone since, though by its own time the token is young.
  expect((await consume(here.right, first)).code).toBe('token_invalid');
  expect((await jwksOf(here.left)).keys.map(({ kid }) => kid)).not.toContain(kidOf(first));
});

test('a token of a key that is retired is still taken, by both', async () => {
  await here.later(60);
  const permit = await proposeAllowed(here.left, 'pay', { n: 'retiring' });
  const { keys } = await changeRing(here.commands, rotated);
  expect(kidOf(await proposeAllowed(here.right, 'pay', { n: 'next' }))).not.toBe(kidOf(permit));
  expect(keys.map(({ kid }) => kid)).toContain(kidOf(permit));
  expect((await consume(here.right, permit)).status).toBe(200);
});

test('however many ask for a rotation at once, there is one, and all intakes publish the same keys', async () => {
  await here.later(60);
  const before = (await here.ring()).keys.map(({ kid }) => kid);
  await Promise.all(Array.from({ length: 20 }, () => changeRing(here.commands, rotated)));
  const after = (await here.ring()).keys.map(({ kid }) => kid);
  expect(after.slice(0, 2)).toEqual(before);
  // Those who came after the first found a rotation that was done: the next key has to wait for its time.
  expect(
    (await here.ring()).keys.filter(({ signs_from }) => (signs_from ?? Infinity) <= Date.now()),
  ).toHaveLength(2);
  expect(await jwksOf(here.left)).toEqual(await jwksOf(here.right));
});

test('the log says when keys changed, and holds nothing of them but their names', async () => {
  const { feed } = await here.inspect();
  const changes = feed.filter(({ type }) => type === 'signing.changed');
  expect(changes.length).toBeGreaterThan(3);
  expect(changes.at(-1)?.data).toEqual({ signing: expect.any(String), denied: [] });
  for (const { privateJwk } of (await here.ring()).keys)
    expect(JSON.stringify(feed)).not.toContain(privateJwk?.d);
});
