/** What an operator types about deliveries: where notices go, what was sent, sending it again. */
import { DeliveryOutcome, DestinationKind, Tier } from '@countersign/shared/contracts';
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { addDestination } from './commands/add-destination.ts';
import { deliveries } from './commands/deliveries.ts';
import {
  enableDestination,
  listDestinations,
  removeDestination,
  rotateSecret,
} from './commands/destinations.ts';
import { replay } from './commands/replay.ts';
import { sinceOf } from './commands/since.ts';
import { testDestination } from './commands/test-destination.ts';
import type { Online } from './program.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Adds `destinations`. */
export function destinationCommands(program: Command, online: Online, terminal: Terminal): void {
  const destinations = program
    .command('destinations')
    .description('Say where notices go, try it, and see how they fare.');

  const list = online(destinations, 'list', 'admin');
  list.command
    .description('List destinations: kind, name, whose address, and what is the matter with them.')
    .action((options) => list.run(options, (connection) => listDestinations(options, connection, terminal)));

  const add = online(destinations, 'add', 'admin');
  add.command
    .description('Add one. The id is printed, and the secret that the server makes for a webhook, once.')
    .addArgument(new Argument('<kind>', 'what speaks there').choices(DestinationKind.options))
    .argument('<name>', 'what people call it')
    .option('--address <url>', 'where: webhook, teams; another region of pagerduty or slack')
    .option('--to <who...>', 'conversations of slack, addresses of email, numbers of sms')
    .option('--secret <secret>', 'integration key of pagerduty, bot token of slack')
    .option('--signing-secret <secret>', 'of the slack app; without it no button decides')
    .option('--header <line...>', 'sent to a webhook: “Name: value”')
    .option('--agent <glob...>', 'only requests of these agents')
    .option('--tool <glob...>', 'only of these tools')
    .addOption(
      new Option('--tier <tier...>', 'only of these tiers; none: only what policy sends there').choices([
        ...Tier.options,
        'none',
      ]),
    )
    .option('--group <group...>', 'only what these groups may decide')
    .option('--event <type...>', 'only these events')
    .addHelpText(
      'after',
      `
--address, --secret, --signing-secret and --header take @FILE as well: what stands in a file is in no shell history.

Examples:
  countersign destinations add webhook Ops --address https://hooks.example.com/x --tool "orders.*"
  countersign destinations add pagerduty "On call" --secret @routing-key --tier critical
  countersign destinations add slack Approvals --secret @token --signing-secret @signing --to C012AB3CD`,
    )
    .action((kind, name, options) =>
      add.run(options, (connection) => addDestination(kind, name, options, connection, terminal)),
    );

  const tried = online(destinations, 'test <id>', 'admin');
  tried.command
    .description('Send a notice that says it is a test, and say what came of it: 0 delivered, 1 not.')
    .action((id, options) =>
      tried.run(options, (connection) => testDestination(id, options, connection, terminal)),
    );

  const rotate = online(destinations, 'rotate <id>', 'admin');
  rotate.command
    .description('Give a webhook a new secret. It is printed once; for a day the old one signs too.')
    .action((id, options) =>
      rotate.run(options, (connection) => rotateSecret(id, options, connection, terminal)),
    );

  const enable = online(destinations, 'enable <id>', 'admin', false);
  enable.command
    .description('Take one that was disabled into use again, and forget its failures.')
    .action((id, options) =>
      enable.run(options, (connection) => enableDestination(id, connection, terminal)),
    );

  const remove = online(destinations, 'remove <id>', 'admin', false);
  remove.command
    .description('Remove one. What it was told of before is still closed at PagerDuty.')
    .action((id, options) =>
      remove.run(options, (connection) => removeDestination(id, connection, terminal)),
    );
}

/** Adds `deliveries`. */
export function deliveryCommands(program: Command, online: Online, terminal: Terminal): void {
  const log = online(program, 'deliveries', 'admin');
  log.command
    .description('Read the log of deliveries, the newest last: the last ten thousand attempts or so.')
    .enablePositionalOptions()
    .option('--destination <id>', 'only to this destination (or subscription, or key)')
    .option('--request <id>', 'only about this request')
    .option('--event <id>', 'only of this event: a replay, a test')
    .addOption(new Option('--outcome <outcome>', 'only these').choices(DeliveryOutcome.options))
    .addOption(since())
    .addOption(new Option('--limit <n>', 'how many at most, the newest').default(50).argParser(limit))
    .option('--follow', 'go on with what is sent from now, until Ctrl-C; --json prints a line for each')
    .option('--verbose', 'the first bytes of each answer too')
    .addHelpText(
      'after',
      `
delivered; failed: tried, and tried again later; gave_up: tried, and never again; not_tried: nothing was sent;
unrecorded: begun by a process that died, so it may have been delivered.

Examples:
  countersign deliveries --destination dst_01J… --since 2h --verbose
  countersign deliveries --outcome gave_up --follow`,
    )
    .action((options) => log.run(options, (connection) => deliveries(options, connection, terminal)));

  const again = online(log.command, 'replay', 'admin');
  again.command
    .description('Bring a destination to what requests are now, once more; says how many deliveries that is.')
    .requiredOption('--destination <id>', 'where to')
    .option('--request <id>', 'this request')
    .addOption(since())
    .addHelpText(
      'after',
      '\nExample:\n  countersign deliveries replay --destination dst_01J… --since 2026-11-21T08:00:00Z',
    )
    .action((options) => again.run(options, (connection) => replay(options, connection, terminal)));
}

function since(): Option {
  return new Option('--since <time>', 'since then: 2h, 3d, 2026-11-21, 2026-11-21T08:00:00Z').argParser(
    (text) => {
      const at = sinceOf(text, Date.now());
      if (at !== undefined) return at;
      throw new InvalidArgumentError('A time is 30m, 2h, 3d, 2026-11-21 or 2026-11-21T08:00:00Z.');
    },
  );
}

function limit(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= 20_000) return number;
  throw new InvalidArgumentError('From 1 to 20000.');
}
