import { afterAll } from 'vitest';
import { startTestIntake, type TestIntake } from '../support/intake.ts';
import { startTestRedis } from '../support/redis.ts';
import { countersign, type Ran } from '../support/terminal.ts';

export type Stage = {
  intake: TestIntake;
  /** Runs a command at the terminal of one of the four people. */
  as: (who: keyof TestIntake['keys'], ...argv: string[]) => Promise<Ran>;
};

/** A real server under these policies, for as long as the tests of a file run. */
export async function stage(policies: string): Promise<Stage> {
  const redis = await startTestRedis();
  const intake = await startTestIntake({ redisUrl: redis.url, policies });
  afterAll(async () => {
    await intake.stop();
    await redis.stop();
  });
  const as: Stage['as'] = (who, ...argv) =>
    countersign(argv, { env: { COUNTERSIGN_URL: intake.url, COUNTERSIGN_KEY: intake.keys[who] } });
  return { intake, as };
}
