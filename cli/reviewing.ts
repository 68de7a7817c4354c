/** What a reviewer types: read the queue, ask, decide, take back. */
import type { Command } from 'commander';
import { ask, claim, revoke } from './commands/attend.ts';
import { approve, reject } from './commands/decide.ts';
import { listGrants, revokeGrant } from './commands/grants.ts';
import { queue, show } from './commands/review.ts';
import { reviewCall, reviews } from './commands/reviews.ts';
import type { Online } from './program.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Adds the reviewer's commands. */
export function reviewCommands(program: Command, online: Online, terminal: Terminal): void {
  const list = online(program, 'queue', 'reviewer');
  list.command
    .description('List what waits for you, most urgent first.')
    .action((options) => list.run(options, (connection) => queue(options, connection, terminal)));

  const card = online(program, 'show <id>', 'reviewer');
  card.command
    .description('Show a request: what would happen, why a human is asked, every argument.')
    .action((id, options) => card.run(options, (connection) => show(id, options, connection, terminal)));

  const yes = online(program, 'approve <id>', 'reviewer');
  deciding(yes.command)
    .description('Show a request, then approve exactly what was shown.')
    .option('--args <json or file>', 'approve these arguments instead; policy judges them again')
    .option('--confirm <path=value>', 'a value that the tier wants confirmed; may be repeated', collect, [])
    .addHelpText(
      'after',
      `
Examples:
  countersign approve req_01J…
  countersign approve req_01J… --args '{"amount": 100, "currency": "EUR"}' --reason "as agreed"
  countersign approve req_01J… --yes --digest sha256:… --confirm amount=120`,
    )
    .action((id, options) => yes.run(options, (connection) => approve(id, options, connection, terminal)));

  const no = online(program, 'reject <id>', 'reviewer');
  deciding(no.command)
    .description('Show a request, then reject it.')
    .addHelpText(
      'after',
      '\nExample:\n  countersign reject req_01J… --reason "The customer was refunded yesterday."',
    )
    .action((id, options) => no.run(options, (connection) => reject(id, options, connection, terminal)));

  const question = online(program, 'ask <id> <text>', 'reviewer');
  question.command
    .description('Ask the agent something without deciding. The time to decide goes on.')
    .addHelpText('after', '\nExample:\n  countersign ask req_01J… "Which order is this for?"')
    .action((id, text, options) =>
      question.run(options, (connection) => ask(id, text, options, connection, terminal)),
    );

  const mine = online(program, 'claim <id>', 'reviewer');
  mine.command
    .description('Say “I’m on it” for five minutes. Others see it, and may decide all the same.')
    .option('--release', 'no longer')
    .action((id, options) => mine.run(options, (connection) => claim(id, options, connection, terminal)));

  const back = online(program, 'revoke <id>', 'reviewer');
  back.command
    .description('Take an approval back, as long as it has not run.')
    .option('--reason <text>', 'kept on record')
    .action((id, options) => back.run(options, (connection) => revoke(id, options, connection, terminal)));

  const ran = online(program, 'reviews', 'reviewer');
  ran.command
    .description('List what ran before anyone looked, and is still to be looked at.')
    .action((options) => ran.run(options, (connection) => reviews(options, connection, terminal)));

  const look = online(program, 'review <id>', 'reviewer');
  look.command
    .description('Show a call that ran, then say that it looks fine, or have its agent undo it.')
    .option('--fine', 'it looks fine')
    .option('--undo <why>', 'have the agent undo it; told to the agent and kept on record')
    .option('--yes', 'do not ask again at a terminal')
    .addHelpText(
      'after',
      '\nExamples:\n  countersign review req_01J… --fine\n  countersign review req_01J… --undo "The wrong customer."',
    )
    .action((id, options) =>
      look.run(options, (connection) => reviewCall(id, options, connection, terminal)),
    );

  const granted = online(program, 'grants', 'reviewer');
  granted.command
    .description('List what runs without anyone being asked: the grants in force.')
    .enablePositionalOptions()
    .addHelpText('after', '\nA grant is given with an approval in the extension, where policy lets it.')
    .action((options) => granted.run(options, (connection) => listGrants(options, connection, terminal)));
  const ended = online(granted.command, 'revoke <id>', 'reviewer', false);
  ended.command
    .description('Revoke a grant: the next call like it waits for a person.')
    .action((id, options) => ended.run(options, (connection) => revokeGrant(id, connection, terminal)));
}

function deciding(command: Command): Command {
  return command
    .option('--reason <text>', 'told to the agent and kept on record')
    .option('--digest <digest>', 'decide only if the arguments are still those that `show` printed')
    .option('--yes', 'do not ask again at a terminal');
}

function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}
