/** `insights alerts`, `throttles` and `throttles lift`: what a lead is told of unasked, and agents that are held back. */
import { AlertList, type AlertView, Throttle } from '@countersign/shared/contracts';
import { z } from 'zod';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { timeLeft } from '../terminal/time-left.ts';
import { fail } from './review.ts';

const moment = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;

function lines({ urgency, title, found, advice, raised_at }: AlertView): string[] {
  return [
    `${urgency.toUpperCase()}  ${inert(title)}`,
    `  since ${moment(raised_at)}`,
    ...found.map(({ name, value }) => `  ${name}: ${inert(value)}`),
    ...advice.map((line) => `  → ${line}`),
    '',
  ];
}

/** Lists the alerts that stand, each with its figures and what to do; then those that are over, a line each. */
export async function listAlerts(
  options: { json?: boolean },
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await call(connection, 'GET', '/v1/insights/alerts', AlertList);
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) {
    terminal.out(inertJson(answer.body));
    return exitCode.done;
  }
  const { open, recent } = answer.value;
  if (open.length === 0) terminal.out('No alert stands.');
  for (const alert of open) for (const line of lines(alert)) terminal.out(line);
  if (recent.length > 0) terminal.out('Over:');
  for (const { cleared_at = '', title } of recent) terminal.out(`  ${moment(cleared_at)}  ${inert(title)}`);
  return exitCode.done;
}

/** Lists agents that may ask nobody now. */
export async function listThrottles(
  options: { json?: boolean },
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await call(connection, 'GET', '/v1/throttles', z.object({ items: z.array(Throttle) }));
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) {
    terminal.out(inertJson(answer.body));
    return exitCode.done;
  }
  const { items } = answer.value;
  if (items.length === 0) terminal.out('No agent is held back.');
  for (const { agent, until, words } of items)
    terminal.out(`${inert(agent)}  ${timeLeft(until, Date.now())}  ${inert(words)}`);
  return exitCode.done;
}

/** Lets an agent ask again before its time is over. */
export async function liftThrottle(
  agent: string,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await call(connection, 'DELETE', `/v1/throttles/${encodeURIComponent(agent)}`, z.object({}));
  if (!answer.ok) return fail(answer, terminal);
  terminal.out(`${inert(agent)} may ask again. What it asked until now is not counted.`);
  return exitCode.done;
}
