/** What is done with policy files, before they are deployed and after. */
import { Argument, type Command } from 'commander';
import { checkPolicies, testPolicies } from './commands/policy.ts';
import { simulateOnFolder, simulateOnServer } from './commands/simulate.ts';
import { suggestFromFolder, suggestFromServer } from './commands/suggest.ts';
import type { ExitCode } from './exit-code.ts';
import type { Online } from './program.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Adds `policy`. */
export function policyCommands(
  program: Command,
  online: Online,
  ends: (action: Promise<ExitCode>) => Promise<void>,
  terminal: Terminal,
): void {
  const policy = program
    .command('policy')
    .description('Policy files: check and test them, and hold them against what has happened.');
  policy
    .command('check')
    .description('Load policies and say what is wrong, as file:line:column: code: message.')
    .addArgument(new Argument('[dir]', 'policy directory').default('policies'))
    .option('--json', 'print the findings as JSON')
    .action((dir, options) => ends(checkPolicies(dir, options, terminal)));
  policy
    .command('test')
    .description('Run *.test.yaml cases against the policies beside them.')
    .argument('[files...]', 'test files; all of the policy directory when absent')
    .option('--policies <dir>', 'policy directory', 'policies')
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExample:\n  countersign policy check && countersign policy test')
    .action((files, options) => ends(testPolicies(files, options, terminal)));

  const run = online(policy, 'simulate <files...>', 'lead');
  run.command
    .description('What these policies would have answered to the actions of the sealed log.')
    .option('--history <place>', 'a workspace’s folder in $LEDGER_DIR, or a server (as --url)')
    .option('--since <time>', 'only actions since then: 30d, 2026-11-01')
    .option('--audited <ids>', 'requests that an audit found wrong, with commas between them, or @FILE')
    .option('--cleared <ids>', 'requests that an audit found right, likewise')
    .addHelpText(
      'after',
      `
FILES are the YAML files of one workspace, or the folder that they stand in. Nothing is changed. With a server it takes
the key of a lead or an admin, and that the log was read is on record there; with a folder, no server is needed.

Examples:
  countersign policy simulate policies/ --since 30d
  countersign policy simulate proposed.yaml --history .countersign/ledger/default --json`,
    )
    .action((files, options) =>
      isFolder(options.history)
        ? ends(simulateOnFolder(files, options.history, options, terminal))
        : run.run({ ...options, url: options.history ?? options.url }, (connection) =>
            simulateOnServer(files, options, connection, terminal),
          ),
    );

  const suggesting = online(policy, 'suggest', 'lead');
  suggesting.command
    .description(
      'Where a person should be asked, as far as the sealed log shows: one tested threshold for a tool.',
    )
    .option('--history <place>', 'a workspace’s folder in $LEDGER_DIR, or a server (as --url)')
    .option('--since <time>', 'only actions since then: 30d, 2026-11-01')
    .option('--audited <ids>', 'requests that an audit found wrong, with commas between them, or @FILE')
    .option('--cleared <ids>', 'requests that an audit found right, likewise')
    .option('--diff [dir]', 'print only a diff that adds the rules as a file to this policy directory')
    .addHelpText(
      'after',
      `
Nothing applies itself: the rules are shadow rules, which only say what they would have done. Where nothing is known to
have been wrong, it names 59 requests to look at instead; what is found wrong goes in by --audited.

Examples:
  countersign policy suggest --since 90d
  countersign policy suggest --diff policies | git apply`,
    )
    .action((options) =>
      isFolder(options.history)
        ? ends(suggestFromFolder(options.history, options, terminal))
        : suggesting.run({ ...options, url: options.history ?? options.url }, (connection) =>
            suggestFromServer(options, connection, terminal),
          ),
    );
}

const isFolder = (history: string | undefined): history is string =>
  history !== undefined && !/^https?:\/\//.test(history);
