/** What the README tells people to type works as it stands there. */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadPolicySet } from '@countersign/shared/policy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis, type TestRedis } from '../support/redis.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const starter = readFileSync(join(root, 'policies/starter.yaml'), 'utf8');

/** The fenced block of a language that contains a word. */
function block(language: string, containing: string): string {
  const blocks = [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))];
  const found = blocks.map(([, text = '']) => text).find((text) => text.includes(containing));
  if (found === undefined) throw new Error(`README has no ${language} block with ${containing}`);
  return found;
}

let redis: TestRedis;
let intake: TestIntake;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await startTestIntake({ redisUrl: redis.url, policies: { 'starter.yaml': starter } });
});

afterAll(async () => {
  await intake?.stop();
  await redis?.stop();
});

/** Runs one command of the README with the variables that it names. */
async function type(command: string, variables: Record<string, string>) {
  const { stdout } = await promisify(execFile)('sh', ['-c', command], {
    env: {
      ...variables,
      PATH: '/usr/local/bin:/usr/bin:/bin',
      URL: intake.url,
      AGENT_KEY: intake.keys.agent,
      REVIEWER_KEY: intake.keys.reviewer,
    },
  });
  return JSON.parse(stdout);
}

const hasCurl = spawnSync('curl', ['--version']).status === 0;

test.skipIf(!hasCurl)(
  'the curl commands of the README work in the order in which they stand there (needs curl)',
  async () => {
    const commands = block('sh', 'curl -s $URL/v1/requests ')
      .split(/^(?=curl )/m)
      .slice(1)
      .map((text) => text.replaceAll(/^#.*$/gm, ''));
    const [propose = '', wait = '', decide = '', consume = '', outcome = ''] = commands;

    const proposed = await type(propose, {});
    expect(proposed.decision).toBe('approval_required');
    const ID = proposed.request.id;
    const waiting = type(wait, { ID });
    const decided = await type(decide, { ID, DIGEST: proposed.request.args_digest });
    expect(decided.status).toBe('approved');
    const answer = await waiting;
    expect(answer.args.subject).toBe('Your refund of 129');
    expect((await type(consume, { TOKEN: answer.token })).request_id).toBe(ID);
    expect((await type(consume, { TOKEN: answer.token })).code).toBe('token_consumed');
    expect((await type(outcome, { ID })).outcome.status).toBe('succeeded');
  },
);

test('the policy in the README loads', () => {
  const loaded = loadPolicySet([{ path: 'readme.yaml', text: block('yaml', 'version: 1') }]);
  expect(loaded).toMatchObject({ ok: true });
});
