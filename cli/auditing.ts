/** What anybody types who does not want to take our word for it. */
import { parseDuration } from '@countersign/shared/policy';
import { type Command, InvalidArgumentError } from 'commander';
import { verifyAudit } from './commands/audit.ts';
import { eraseBesideLog } from './commands/erase.ts';
import type { ExitCode } from './exit-code.ts';
import type { Online } from './program.ts';
import type { Terminal } from './terminal/terminal.ts';

function milliseconds(text: string): number {
  const ms = /[a-z]$/.test(text) ? parseDuration(text) : undefined;
  if (typeof ms !== 'number') throw new InvalidArgumentError('Write it like 90s, 15m, 1h or 7d.');
  return ms;
}

const another = (file: string, before: string[] = []): string[] => [...before, file];

/** Adds `audit`. */
export function auditCommands(
  program: Command,
  online: Online,
  ends: (action: Promise<ExitCode>) => Promise<void>,
  terminal: Terminal,
): void {
  const audit = program.command('audit').description('The sealed log: verify it, erase beside it.');
  audit
    .command('verify <place>')
    .description(
      'Verify a log in a folder or at an address: every entry, offline, without trusting where it lies.',
    )
    .option('--key <key>', 'the log’s verifier key, or a file that holds it')
    .option('--checkpoint <file>', 'a checkpoint that was kept elsewhere; may be given again', another)
    .option('--max-age <time>', 'how old its own checkpoint may be: 15m, 1h, 7d', milliseconds)
    .option(
      '--api-key <key>',
      'for an address: the key of an auditor or a lead; @FILE keeps it off the command line',
    )
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
It tells which entry was changed, exchanged or moved. That entries were cut off the end only shows against a
checkpoint that is newer than the cut (--checkpoint), or where a fresh one is expected (--max-age).`,
    )
    .action((place, options) => ends(verifyAudit(place, options, terminal)));

  const erase = online(audit, 'erase', 'admin', false);
  erase.command
    .description('Erase the texts of a request, or who a person is in the log. There is no way back.')
    .option('--request <id>', 'its arguments, context, questions, answers and words')
    .option('--person <id>', 'their name: what they did stays, under a pseudonym')
    .addHelpText(
      'after',
      `
The log verifies as before: it holds none of it. That it was erased, and by whom, is an entry. The name of somebody who
is still here stands under another pseudonym from then on; remove them and their keys first.`,
    )
    .action((options) => erase.run(options, (connection) => eraseBesideLog(options, connection, terminal)));
}
