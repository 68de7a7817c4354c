/** What anybody types who does not want to take our word for it. */
import { HistoryQuery, Status, Tier } from '@countersign/shared/contracts';
import { parseDuration } from '@countersign/shared/policy';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { verifyAudit } from './commands/audit.ts';
import { eraseBesideLog } from './commands/erase.ts';
import { proveRequest } from './commands/proof.ts';
import { searchHistory } from './commands/search.ts';
import { sinceOf } from './commands/since.ts';
import type { ExitCode } from './exit-code.ts';
import type { Online } from './program.ts';
import type { Terminal } from './terminal/terminal.ts';

function milliseconds(text: string): number {
  const ms = /[a-z]$/.test(text) ? parseDuration(text) : undefined;
  if (typeof ms !== 'number') throw new InvalidArgumentError('Write it like 90s, 15m, 1h or 7d.');
  return ms;
}

function moment(text: string): number {
  const at = sinceOf(text, Date.now());
  if (at === undefined)
    throw new InvalidArgumentError('A time is 30m, 2h, 3d, 2026-11-21 or 2026-11-21T08:00:00Z.');
  return at;
}

/** Whole numbers from `least` to `most`. */
const whole = (least: number, most: number) => (text: string) => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new InvalidArgumentError(
    most === Number.MAX_SAFE_INTEGER ? 'A whole number.' : `From ${least} to ${most}.`,
  );
};
const index = whole(0, Number.MAX_SAFE_INTEGER);

const another = (file: string, before: string[] = []): string[] => [...before, file];

/** Adds `audit`. */
export function auditCommands(
  program: Command,
  online: Online,
  ends: (action: Promise<ExitCode>) => Promise<void>,
  terminal: Terminal,
): void {
  const audit = program
    .command('audit')
    .description('The sealed log: verify it, search it, prove from it, erase beside it.');
  audit
    .command('verify <place>')
    .description(
      'Verify a log in a folder or at an address, or one entry by the file of its proof: offline, without trusting where it lies.',
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

  searchCommand(audit, online, terminal);
  proofCommand(audit, online, terminal);

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

function searchCommand(audit: Command, online: Online, terminal: Terminal): void {
  const search = online(audit, 'search', 'lead', false);
  search.command
    .description('Search the sealed log, or export what is found. Either is itself on record.')
    .addOption(
      new Option('--of <what>', 'requests as the log tells of them, or its entries')
        .choices(HistoryQuery.shape.of.unwrap().options)
        .default('requests'),
    )
    .addOption(
      new Option('--status <status>', 'that a request has now; of an entry, after it').choices(
        Status.options,
      ),
    )
    .addOption(new Option('--tier <tier>', 'of this tier').choices(Tier.options))
    .option('--agent <name>', 'by this agent')
    .option('--tool <name>', 'of this tool')
    .option('--rule <name>', 'that this rule asked for')
    .option('--reviewer <person>', 'on which this person gave a verdict; of an entry, that they caused')
    .option('--group <name>', 'that this group was asked, or told of')
    .option('--type <event>', 'with an entry of this kind: verdict.given, token.consumed, …')
    .option('--request <id>', 'this request')
    .option('--words <text>', 'words that all stand in one text of it, as far as that was not erased')
    .addOption(
      new Option('--since <time>', 'made since: 2h, 3d, 2026-11-21, 2026-11-21T08:00:00Z').argParser(moment),
    )
    .addOption(new Option('--until <time>', 'made before').argParser(moment))
    .addOption(
      new Option('--format <format>', 'a table of the newest; or an export of everything, the oldest first')
        .choices(['table', 'jsonl', 'csv'] as const)
        .default('table'),
    )
    .addOption(new Option('--limit <n>', 'rows of the table').default(50).argParser(whole(1, 10_000)))
    .addOption(new Option('--cursor <n>', 'where the table before this one ended').argParser(index))
    .option('--output <file>', 'export into a file, which is there once it is whole, and for you alone')
    .addHelpText(
      'after',
      `
Nothing that an agent wrote commands the terminal: in JSON all but printable ASCII is escaped, in a CSV that is printed
what can not be seen is written out by its code; --output has CSV as it is. No cell of it runs as a formula.

Examples:
  countersign audit search --status rejected --since 7d
  countersign audit search --words "order 4711" --tool "orders.refund"
  countersign audit search --of entries --since 2026-10-01 --until 2026-11-01 --format csv --output october.csv`,
    )
    .action((options) => search.run(options, (connection) => searchHistory(options, connection, terminal)));
}

function proofCommand(audit: Command, online: Online, terminal: Terminal): void {
  const proof = online(audit, 'proof <request>', 'lead');
  proof.command
    .description('Fetch the proof that the decision of a request stands in the log, and verify it.')
    .addOption(new Option('--entry <n>', 'another entry of the request, by its index').argParser(index))
    .option('--log-key <key>', 'the log’s verifier key, or a file that holds it; else the server is asked')
    .option('--output <file>', 'keep it, entry included: `audit verify FILE --key …` needs nothing else')
    .addHelpText(
      'after',
      `
Examples:
  countersign audit proof req_01J… --log-key verifier-key
  countersign audit proof req_01J… --log-key verifier-key --output req_01J.tlog-proof`,
    )
    .action((id, options) =>
      proof.run(options, (connection) => proveRequest(id, options, connection, terminal)),
    );
}
