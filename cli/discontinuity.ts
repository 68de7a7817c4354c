/** What an admin types when Redis has lost what was sealed. */
import type { Command } from 'commander';
import { acceptDiscontinuity, showDiscontinuity } from './commands/discontinuity.ts';
import type { Online } from './program.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Adds `discontinuity` and `discontinuity accept`. */
export function discontinuityCommands(program: Command, online: Online, terminal: Terminal): void {
  const show = online(program, 'discontinuity', 'admin');
  show.command
    .description('Say whether Redis lost events that were sealed, so that approvals from before do not run.')
    .enablePositionalOptions()
    .action((options) => show.run(options, (connection) => showDiscontinuity(options, connection, terminal)));
  const accepted = online(show.command, 'accept', 'admin', false);
  accepted.command
    .description('Let approvals from before run again, after a look at the log.')
    .requiredOption('--reason <text>', 'kept on record')
    .action((options) =>
      accepted.run(options, (connection) => acceptDiscontinuity(options.reason, connection, terminal)),
    );
}
