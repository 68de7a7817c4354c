/** The command line: every command, option and example; those of a reviewer are in reviewing.ts. */
import { Role } from '@countersign/shared/contracts';
import { Command, InvalidArgumentError, Option } from 'commander';
import { auditCommands } from './auditing.ts';
import { createKey, listKeys, pair, revokeKey } from './commands/keys.ts';
import { deliveryCommands, destinationCommands } from './delivering.ts';
import { discontinuityCommands } from './discontinuity.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { leadCommands } from './leading.ts';
import { policyCommands } from './policing.ts';
import { reviewCommands } from './reviewing.ts';
import { routeCommands } from './routing.ts';
import { type Connection, type ConnectionOptions, findConnection } from './server/connection.ts';
import { signingCommands } from './signing.ts';
import type { StartOptions } from './start/start.ts';
import { DEFAULT_DATA_DIR, type KeyName, readStarted } from './start/started-file.ts';
import type { Terminal } from './terminal/terminal.ts';

const EXIT_CODES = `
Exit codes:
  0  done
  1  the answer is no: refused by the server, a finding in a policy, a failing case
  2  called wrongly, or without something that it needs
  3  could not be tried: no server, no Redis`;

/**
 * Runs one command.
 *
 * @param argv what stands behind the program's name
 * @param root the repository
 */
export async function runCommand(
  argv: readonly string[],
  root: string,
  terminal: Terminal,
): Promise<ExitCode> {
  let code: ExitCode = exitCode.done;
  const program = new Command('countersign')
    .description('Human approval for AI agents that take real actions.')
    .addHelpText('after', EXIT_CODES)
    // So that `deliveries replay --destination` is an option of `replay`, and not of `deliveries`.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    });
  const ends: Ends = async (action) => {
    code = await action;
  };

  /** A command that talks to a server, with the key of this role where a development server hands out keys. */
  function online(parent: Command, usage: string, role: KeyName, json = true): OnlineCommand {
    const command = parent
      .command(usage)
      .option('--url <url>', 'server (default: $COUNTERSIGN_URL, or the one that runs on --data)')
      .option('--key <key>', 'API key; $COUNTERSIGN_KEY keeps it off the command line')
      .option('--data <dir>', 'data directory of `countersign start`', DEFAULT_DATA_DIR);
    if (json) command.option('--json', 'print the answer as JSON');
    return {
      command,
      run: (options, action) => ends(connected(options, role, terminal, action)),
    };
  }

  // The services are a second's worth of reading, which no other command waits for.
  const start = async (options: StartOptions): Promise<ExitCode> =>
    (await import('./start/start.ts')).start(options, root, terminal);
  startCommand(program, (options) => ends(start(options)));
  reviewCommands(program, online, terminal);
  routeCommands(program, online, terminal);
  destinationCommands(program, online, terminal);
  deliveryCommands(program, online, terminal);
  keyCommands(program, online, ends, terminal);
  discontinuityCommands(program, online, terminal);
  leadCommands(program, online, terminal);
  policyCommands(program, online, ends, terminal);

  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    // Help and version end a parse like errors do; commander has already said what there is to say.
    if (!(error instanceof Error && 'exitCode' in error)) throw error;
    return error.exitCode === 0 ? exitCode.done : exitCode.usage;
  }
  return code;
}

type OnlineCommand = {
  command: Command;
  run: (options: ConnectionOptions, action: (connection: Connection) => Promise<ExitCode>) => Promise<void>;
};
export type Online = (parent: Command, usage: string, role: KeyName, json?: boolean) => OnlineCommand;
type Ends = (action: Promise<ExitCode>) => Promise<void>;

async function connected(
  options: ConnectionOptions,
  role: KeyName,
  terminal: Terminal,
  action: (connection: Connection) => Promise<ExitCode>,
): Promise<ExitCode> {
  const found = await findConnection(options, terminal.env, role);
  if (found.ok) return action(found.connection);
  terminal.err(found.message);
  return exitCode.usage;
}

function startCommand(program: Command, run: (options: StartOptions) => Promise<void>): void {
  program
    .command('start')
    .description(
      'Run everything here, for development: Redis, the server, notices, the sealed log, the extension’s build.',
    )
    .addOption(
      new Option('--port <n>', 'port of the server; 0 takes any free one').default(4780).argParser(port),
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--data <dir>', 'where data, keys and logs are kept', DEFAULT_DATA_DIR)
    .option('--policies <dir>', 'policy files; changes take effect at once', 'policies')
    .addHelpText(
      'after',
      `
Uses the Redis of $REDIS_URL, else one of its own. Once it is ready, DIR/started.json (mode 600) holds
{url, keys, people, pair_code, extension_dir, redis_url} for scripts. Ctrl-C stops it; data and keys stay.
With $OTEL_EXPORTER_OTLP_ENDPOINT set, each wait is exported as a span of its agent's trace (docs/traces.md).

Examples:
  npm start
  npm start -- --port 0 --data /tmp/try --policies ./my-policies`,
    )
    .action(run);
}

function keyCommands(program: Command, online: Online, ends: Ends, terminal: Terminal): void {
  const keys = program.command('keys').description('Make, list and revoke API keys.');
  const create = online(keys, 'create', 'admin');
  create.command
    .description('Make a key. It is printed once; the server keeps its hash.')
    .addOption(new Option('--role <role...>', 'what it may do').choices(Role.options).makeOptionMandatory())
    .requiredOption('--owner <person>', 'who answers for it')
    .option('--agent <name...>', 'agent names that it may use; globs')
    .option('--trusted-context', 'policy may rely on the context that it sends')
    .option('--callback-origin <origin>', 'where callbacks to its agent may go')
    .addHelpText(
      'after',
      '\nExample:\n  countersign keys create --role agent --owner ann --agent "orders-*" --trusted-context',
    )
    .action((options) =>
      create.run(options, (connection) => {
        const { role: roles, owner, agent, trustedContext, callbackOrigin } = options;
        const body = {
          roles,
          owner,
          ...(agent === undefined ? {} : { agents: agent }),
          ...(trustedContext === undefined ? {} : { trusted_context: trustedContext }),
          ...(callbackOrigin === undefined ? {} : { callback_origin: callbackOrigin }),
        };
        return createKey(body, options, connection, terminal);
      }),
    );
  const list = online(keys, 'list', 'admin');
  list.command
    .description('List keys, without their secrets.')
    .action((options) => list.run(options, (connection) => listKeys(options, connection, terminal)));
  const revoke = online(keys, 'revoke <id>', 'admin', false);
  revoke.command
    .description('Revoke a key, everywhere and at once.')
    .action((id, options) => revoke.run(options, (connection) => revokeKey(id, connection, terminal)));

  signingCommands(keys, ends, terminal);
  auditCommands(program, online, ends, terminal);

  const code = online(program, 'pair [person]', 'admin');
  code.command
    .description('Make a one-time code with which a person connects the extension.')
    .addHelpText(
      'after',
      '\nWithout a person it is for the reviewer of the `countersign start` that runs on --data.',
    )
    .action((person, options) =>
      code.run(options, async (connection) => {
        const whose = person ?? (await readStarted(options.data))?.people.reviewer;
        if (whose !== undefined) return pair(whose, options, connection, terminal);
        terminal.err('Say who it is for: countersign pair PERSON.');
        return exitCode.usage;
      }),
    );
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) throw new InvalidArgumentError('Ports go from 0 to 65535.');
  return number;
}
