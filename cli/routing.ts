/** What an operator types to see who hears of a request. */
import { Tier } from '@countersign/shared/contracts';
import { type Command, Option } from 'commander';
import { explainRoute } from './commands/route.ts';
import type { Online } from './program.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Adds `route explain`. */
export function routeCommands(program: Command, online: Online, terminal: Terminal): void {
  const route = program.command('route').description('See who hears of a request.');
  const explained = online(route, 'explain [id]', 'admin');
  explained.command
    .description(
      'Say who would hear of a request now, by which channel and why; and who would not. Sends nothing.',
    )
    .option('--agent <name>', 'instead of an id: the agent of a call that nobody has proposed')
    .option('--tool <name>', 'and its tool')
    .addOption(new Option('--tier <tier>', 'as if it were of this tier').choices(Tier.options))
    .option('--args <json or file>', 'its arguments, for the conditions of policy')
    .addHelpText(
      'after',
      `
Examples:
  countersign route explain req_01J…
  countersign route explain --agent order-processor --tool orders.process_refund --tier high`,
    )
    .action((id, options) =>
      explained.run(options, (connection) => explainRoute(id, options, connection, terminal)),
    );
}
