/** `reviews` and `review`: what ran before anyone looked, and what a reviewer says of it. */
import { RequestView, type Review, Reviews } from '@countersign/shared/contracts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { renderCard, renderRanRow } from '../terminal/card.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { fail, readRequest, requestPath, styleOf } from './review.ts';

/** Lists what ran and this key's reviewer may look at, what presses first. */
export async function reviews(
  options: { json?: boolean },
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await call(connection, 'GET', '/v1/reviews', Reviews);
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) {
    terminal.out(inertJson(answer.body));
    return exitCode.done;
  }
  const { items, counts } = answer.value;
  if (items.length === 0) terminal.out('Nothing ran that is still to be looked at.');
  for (const request of items) terminal.out(renderRanRow(request, styleOf(terminal)));
  if (counts.total > items.length) terminal.out(`… and ${counts.total - items.length} more.`);
  return exitCode.done;
}

export type ReviewOptions = { json?: boolean; fine?: boolean; undo?: string; yes?: boolean };

/** Shows a call that ran, then says that it looks fine or has its agent undo it. */
export async function reviewCall(
  id: string,
  options: ReviewOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const { fine, undo } = options;
  if ((fine === true) === (undo !== undefined)) {
    terminal.err('Say one of the two: --fine, or --undo "why".');
    return exitCode.usage;
  }
  const shown = await readRequest(id, connection);
  if (!shown.ok) return fail(shown, terminal);
  const request = shown.value;
  if (!options.json) for (const line of renderCard(request, styleOf(terminal))) terminal.out(line);
  const seen = { version: request.version, args_digest: request.args_digest };
  const word: Review =
    undo === undefined ? { verdict: 'fine', seen } : { verdict: 'undo', reason: undo, seen };
  if (terminal.interactive && !options.yes && !options.json) {
    const said = await terminal.ask(`\nType ${word.verdict} to say so: `);
    if (said.trim() !== word.verdict) {
      terminal.err('Nothing was said.');
      return exitCode.refused;
    }
  }
  const answer = await call(connection, 'POST', `${requestPath(id)}/review`, RequestView, word);
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) terminal.out(inertJson(answer.body));
  else terminal.out(`\n${outcomeOf(answer.value)}`);
  return exitCode.done;
}

function outcomeOf({ id, status, review }: RequestView): string {
  if (status !== 'undo_requested') return `${inert(id)} is ${status}.`;
  return `The agent is asked to undo it, with ${inert(review?.undo ?? '')}. It is not undone before the agent says so.`;
}
