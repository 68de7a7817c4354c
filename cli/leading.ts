/** What a lead types: alerts, and agents that ask too much. */
import type { Command } from 'commander';
import { liftThrottle, listAlerts, listThrottles } from './commands/alerts.ts';
import type { Online } from './program.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Adds `insights alerts`, `throttles` and `throttles lift`. */
export function leadCommands(program: Command, online: Online, terminal: Terminal): void {
  const insights = program.command('insights').description('Whether people still read what they approve.');
  const alerts = online(insights, 'alerts', 'lead');
  alerts.command
    .description('List the alerts that stand, with their figures and what to do, and those that are over.')
    .action((options) => alerts.run(options, (connection) => listAlerts(options, connection, terminal)));

  const throttles = online(program, 'throttles', 'lead');
  throttles.command
    .description('List agents that have asked people too much and may ask nobody now.')
    .enablePositionalOptions()
    .action((options) =>
      throttles.run(options, (connection) => listThrottles(options, connection, terminal)),
    );
  const lift = online(throttles.command, 'lift <agent>', 'lead', false);
  lift.command
    .description('Let an agent ask again before its time is over.')
    .action((agent, options) => lift.run(options, (connection) => liftThrottle(agent, connection, terminal)));
}
