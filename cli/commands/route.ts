/** `route explain`: who would hear of a request, by which channel and why; and who would not. */
import { RouteExplanation, type RouteLine, type RouteQuestion } from '@countersign/shared/contracts';
import pc from 'picocolors';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { readArgs } from './read-args.ts';
import { fail, requestPath } from './review.ts';

export type ExplainOptions = {
  agent?: string;
  tool?: string;
  tier?: RouteQuestion['tier'];
  /** A JSON object, or the name of a file that holds one. */
  args?: string;
  json?: boolean;
};

/** Explains a request on record, or a call that nobody has proposed. Nothing is sent. */
export async function explainRoute(
  id: string | undefined,
  options: ExplainOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer =
    id === undefined
      ? await askAbout(options, connection)
      : await call(connection, 'GET', `${requestPath(id)}/route`, RouteExplanation);
  if (typeof answer === 'string') {
    terminal.err(answer);
    return exitCode.usage;
  }
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) terminal.out(inertJson(answer.body));
  else for (const line of rendered(answer.value, terminal.color)) terminal.out(line);
  return exitCode.done;
}

async function askAbout({ agent, tool, tier, args: given }: ExplainOptions, connection: Connection) {
  if (agent === undefined || tool === undefined)
    return 'Say which request: an id, or --agent and --tool of a call that nobody has proposed.';
  const read = given === undefined ? undefined : await readArgs(given);
  if (read?.ok === false) return read.message;
  const about = {
    agent,
    tool,
    ...(tier === undefined ? {} : { tier }),
    ...(read === undefined ? {} : { args: read.args }),
  } satisfies RouteQuestion;
  return call(connection, 'POST', '/v1/route', RouteExplanation, about);
}

function rendered(explanation: RouteExplanation, color: boolean): string[] {
  const { request_id, agent, tool, tier, status, audience, channels, hears, silent, notes } = explanation;
  const paint = pc.createColors(color);
  const ladder = notes.filter(({ code }) => code === 'ladder');
  const warnings = notes.filter(({ code }) => code !== 'ladder');
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', paint.bold(title), ...lines];
  const state = status === undefined ? '' : `  ${status}`;
  return [
    `${paint.bold(tier.toUpperCase())}${state}  ${inert(request_id ?? 'a call that nobody has proposed')}`,
    `${inert(agent)} wants to run ${inert(tool)}; ${whoDecides(audience)}.`,
    ...(channels.length === 0 ? [] : [`Policy asks for ${channels.map(inert).join(', ')}.`]),
    ...warnings.map(({ text }) => paint.bold(`! ${inert(text)}`)),
    ...section('Would hear', table(hears)),
    ...section('Would not hear', table(silent)),
    ...section(
      'If nobody decides',
      ladder.map(({ text }) => `  ${inert(text)}`),
    ),
  ];
}

function whoDecides(audience: readonly string[]): string {
  return audience.includes('any')
    ? 'any reviewer may decide'
    : `${audience.map(inert).join(', ') || 'nobody'} may decide`;
}

/** One line for each: who, by which channel, why. A name that is not the id stands behind it. */
function table(lines: readonly RouteLine[]): string[] {
  const rows = lines.map(({ kind, id, name, channel = '', told, reason }) => {
    const who = kind === 'person' ? inert(id) : `${inert(name)} (${kind})`;
    return { who, channel: inert(channel), why: `${inert(reason)}${told ? ' Told already.' : ''}` };
  });
  const width = (of: 'who' | 'channel') => Math.max(0, ...rows.map((row) => row[of].length));
  const [whos, channels] = [width('who'), width('channel')];
  return rows.map(({ who, channel, why }) => `  ${who.padEnd(whos)}  ${channel.padEnd(channels)}  ${why}`);
}
