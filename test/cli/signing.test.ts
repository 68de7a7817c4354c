/** The signing keys in the terminal, on a real Redis with intake beside it. */
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { proposeAllowed } from '../laws/arena.ts';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';
import { countersign } from '../support/terminal.ts';

let redis: TestRedis;
let intake: TestIntake;
beforeAll(async () => {
  redis = await startTestRedis();
  intake = await startTestIntake({
    redisUrl: redis.url,
    policies: 'version: 1\ndefault: allow\nrules: []\n',
  });
});
afterAll(async () => {
  await intake?.stop();
  await redis?.stop();
});

const signing = (...argv: string[]) =>
  countersign(['keys', 'signing', ...argv], { env: { REDIS_URL: redis.url } });

type Listed = { kid: string; state: string; signs_from?: string };
const listed = async (): Promise<Listed[]> => JSON.parse((await signing('list', '--json')).out).items;
const kidNow = async (n: number) =>
  decodeProtectedHeader((await proposeAllowed(intake, 'pay', { n })).token).kid;

describe('countersign keys signing', () => {
  test('lists the key that signs and the one that is published beside it, and nothing secret', async () => {
    const [first, second] = await listed();
    expect([first?.state, second?.state]).toEqual(['signing', 'published']);
    expect(first?.kid).toBe(await kidNow(1));
    const { code, out } = await signing('list');
    expect(code).toBe(0);
    expect(out).toMatch(/^\S+ {2}signing {4}since .*\n\S+ {2}published {2}since /);
    const stored = JSON.parse((await redis.client().hget('cs:signing-ring', 'keys')) ?? '[]');
    for (const { privateJwk } of stored)
      expect(out + JSON.stringify(await listed())).not.toContain(privateJwk.d);
  });

  test('rotates when every verifier knows the next key, and says when that is', async () => {
    const { code, out } = await signing('rotate');
    const [, next] = await listed();
    expect(code).toBe(0);
    expect(out).toContain(`${next?.kid} signs from ${next?.signs_from}`);
    expect(Date.parse(next?.signs_from ?? '') - Date.now()).toBeGreaterThan(14 * 60_000);
    expect((await signing('rotate')).out).toBe(out);
  });

  test('denies a key, and another signs at once', async () => {
    const kid = (await kidNow(2)) ?? '';
    const { code, out } = await signing('deny', kid);
    expect([code, out]).toEqual([0, expect.stringContaining(`${kid} is denied`)]);
    expect(await kidNow(3)).not.toBe(kid);
    expect((await listed()).find((key) => key.kid === kid)?.state).toBe('denied');
    expect(await signing('deny', kid)).toMatchObject({ code: 0 });
  });

  test('refuses a key that it does not know, and says where nothing can be done', async () => {
    expect(await signing('deny', 'nobody')).toMatchObject({
      code: 1,
      err: expect.stringContaining('nobody'),
    });
    expect(await countersign(['keys', 'signing', 'list', '--data', redis.dir])).toMatchObject({ code: 2 });
    const nowhere = ['keys', 'signing', 'list', '--redis', 'redis://127.0.0.1:1'];
    expect(await countersign(nowhere)).toMatchObject({ code: 3 });
  });
});
