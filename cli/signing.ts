/** What an operator types to see, rotate and deny the keys that sign tokens. */
import type { Command } from 'commander';
import type { ExitCode } from './exit-code.ts';
import { DEFAULT_DATA_DIR } from './start/started-file.ts';
import type { Terminal } from './terminal/terminal.ts';

/** They speak to Redis, and no other command waits for its client to be read. */
const commands = () => import('./commands/signing.ts');

/** Adds `keys signing` to `keys`. */
export function signingCommands(
  keys: Command,
  ends: (action: Promise<ExitCode>) => Promise<void>,
  terminal: Terminal,
): void {
  const signing = keys
    .command('signing')
    .description('See, rotate and deny the keys that sign tokens, in Redis and for the whole installation.');
  const offline = (usage: string): Command =>
    signing
      .command(usage)
      .option('--redis <url>', 'Redis (default: $REDIS_URL, or that of the `countersign start` on --data)')
      .option('--data <dir>', 'data directory of `countersign start`', DEFAULT_DATA_DIR);

  offline('list')
    .description('List the keys: published, signing, retired or denied.')
    .option('--json', 'print them as JSON')
    .action((options) => ends(commands().then((it) => it.listSigningKeys(options, terminal))));
  offline('rotate')
    .description(
      'Have the next key sign. No token is refused: it has been published long enough, or is waited for.',
    )
    .action((options) => ends(commands().then((it) => it.rotateSigningKeys(options, terminal))));
  offline('deny <kid>')
    .description('Take a key out of use at once and for ever, because somebody else may have it.')
    .addHelpText(
      'after',
      `
Tokens that it signed are refused from now on; open approvals get tokens of another key. Who could read this key
in Redis could read the others: deny each that \`list\` shows, and then let them rotate.`,
    )
    .action((kid, options) => ends(commands().then((it) => it.denySigningKey(kid, options, terminal))));
}
