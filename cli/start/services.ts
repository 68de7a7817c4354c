/** The services of one installation in one process: what `countersign start` runs on its Redis. */
import { join, resolve } from 'node:path';
import { prepareDevelopment } from '@countersign/intake/development.ts';
import { type Intake, startIntake } from '@countersign/intake/start.ts';
import { startLedger } from '@countersign/ledger/start.ts';
import { settingsFrom } from '@countersign/notifier/channels/settings.ts';
import { startNotifier } from '@countersign/notifier/start.ts';
import { traceSettingsFrom } from '@countersign/notifier/traces/settings.ts';
import type { Logger } from 'pino';
import type { Terminal } from '../terminal/terminal.ts';
import { readDevelopmentKeys, writeDevelopmentKeys } from './development-keys.ts';
import type { Closing, StartOptions } from './start.ts';
import type { Started } from './started-file.ts';

/**
 * Starts them, and says where they are, whose the keys are and how to pair.
 *
 * @param webDir where the web page is built, or will be
 * @param closing takes what stops each, as soon as it runs: those of a start that fails are stopped too
 */
export async function startServices(
  options: StartOptions,
  redisUrl: string,
  webDir: string,
  env: Terminal['env'],
  logger: Logger,
  closing: Closing,
): Promise<Omit<Started, 'extension_dir'>> {
  // Links in messages lead to this machine, unless something else is said. A free port is not known yet.
  const here = options.port === 0 ? undefined : `http://127.0.0.1:${options.port}`;
  const notifier = await startNotifier({
    redisUrl,
    development: true,
    logger: logger.child({ name: 'notifier' }),
    settings: settingsFrom({ ...env, PUBLIC_URL: env.PUBLIC_URL ?? here }),
    traces: traceSettingsFrom(env),
  });
  closing.push(notifier.stop);
  const ledgerDir = join(options.data, 'ledger');
  const ledger = await startLedger({ redisUrl, dir: ledgerDir, logger: logger.child({ name: 'ledger' }) });
  closing.push(ledger.stop);
  const intake = await startIntake({
    redisUrl,
    policiesDir: resolve(options.policies),
    host: options.host,
    port: options.port,
    webDir,
    moreMetrics: async () => `${await notifier.metrics()}${await ledger.metrics()}`,
    ledgerDir,
    ledger: ledger.fetch,
    development: true,
    logger: logger.child({ name: 'intake' }),
  });
  closing.push(intake.stop);
  return { ...(await developers(options.data, intake, redisUrl, logger)), redis_url: redisUrl };
}

/** The development keys and people, the same ones as last time. */
async function developers(
  dataDir: string,
  { url }: Intake,
  redisUrl: string,
  logger: Logger,
): Promise<Pick<Started, 'url' | 'keys' | 'people' | 'pair_code'>> {
  const known = await readDevelopmentKeys(dataDir);
  const { keys, people, pairCode } = await prepareDevelopment({
    redisUrl,
    logger,
    ...(known === undefined ? {} : { known }),
  });
  await writeDevelopmentKeys(dataDir, keys);
  return { url, keys, people, pair_code: pairCode };
}
