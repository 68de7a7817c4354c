/** `approve` and `reject`: a verdict from the terminal, on what was shown there. */
import { type Json, type JsonObject, parseStrict } from '@countersign/shared/canonical';
import { valueAt } from '@countersign/shared/card';
import { type Decide, EditPreview, RequestView } from '@countersign/shared/contracts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { changes, renderCard } from '../terminal/card.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { readArgs } from './read-args.ts';
import { fail, readRequest, requestPath, styleOf } from './review.ts';

export type DecideOptions = {
  reason?: string;
  /** What `show` printed: the verdict is for these arguments and no others. */
  digest?: string;
  yes?: boolean;
  json?: boolean;
};

export type ApproveOptions = DecideOptions & {
  /** Edited arguments: a JSON object, or the name of a file that holds one. */
  args?: string;
  /** `path=value`, for the values that the tier wants confirmed. */
  confirm: string[];
};

/** Shows the card, lets the person confirm, approves exactly what was shown or edited. */
export async function approve(
  id: string,
  options: ApproveOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const edited = options.args === undefined ? undefined : await readArgs(options.args);
  if (edited !== undefined && !edited.ok) return usage(edited.message, terminal);

  const shown = await present(id, options, connection, terminal);
  if (!shown.ok) return shown.exit;
  const { request } = shown;
  const args = edited?.args ?? request.args;
  const seen = { version: request.version, args_digest: request.args_digest };

  if (edited !== undefined) {
    const preview = await call(connection, 'POST', `${requestPath(id)}/decision/preview`, EditPreview, {
      args,
      seen,
    });
    if (!preview.ok) return fail(preview, terminal);
    if (!options.json) for (const line of describeEdit(preview.value)) terminal.out(line);
  }
  const confirmed = confirmations(request, args, options.confirm);
  if (!confirmed.ok) return usage(confirmed.message, terminal);

  const verdict = {
    verdict: 'approve',
    seen,
    ...(edited === undefined ? {} : { args }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(Object.keys(confirmed.values).length === 0 ? {} : { confirm: confirmed.values }),
  } satisfies Decide;
  return send(id, verdict, options, connection, terminal);
}

/** Shows the card, rejects it with a reason. */
export async function reject(
  id: string,
  options: DecideOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const shown = await present(id, options, connection, terminal);
  if (!shown.ok) return shown.exit;
  const { version, args_digest } = shown.request;
  const reason = options.reason === undefined ? {} : { reason: options.reason };
  return send(
    id,
    { verdict: 'reject', seen: { version, args_digest }, ...reason },
    options,
    connection,
    terminal,
  );
}

async function present(
  id: string,
  options: DecideOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<{ ok: true; request: RequestView } | { ok: false; exit: ExitCode }> {
  const answer = await readRequest(id, connection);
  if (!answer.ok) return { ok: false, exit: fail(answer, terminal) };
  const request = answer.value;
  if (options.digest !== undefined && options.digest !== request.args_digest) {
    terminal.err(
      'stale: The arguments have changed since that digest was shown. Look again: `countersign show`.',
    );
    return { ok: false, exit: exitCode.refused };
  }
  if (!options.json) for (const line of renderCard(request, styleOf(terminal))) terminal.out(line);
  return { ok: true, request };
}

async function send(
  id: string,
  verdict: Decide,
  options: DecideOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  if (terminal.interactive && !options.yes && !options.json) {
    // The whole word, so that nothing is approved by a stray key.
    const said = await terminal.ask(`\nType ${verdict.verdict} to ${verdict.verdict} this: `);
    if (said.trim() !== verdict.verdict) {
      terminal.err('Nothing was decided.');
      return exitCode.refused;
    }
  }
  const answer = await call(connection, 'POST', `${requestPath(id)}/decision`, RequestView, verdict);
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) terminal.out(inertJson(answer.body));
  else terminal.out(`\n${outcomeOf(answer.value, verdict.verdict)}`);
  return exitCode.done;
}

function outcomeOf(request: RequestView, verdict: Decide['verdict']): string {
  if (request.status !== 'pending') return `${inert(request.id)} is ${request.status}.`;
  if (request.release_at) return `Approved; it takes effect at ${request.release_at} unless it is undone.`;
  const { given, needed } = request.progress;
  return `Your ${verdict} counts: ${given} of ${needed} approvals.`;
}

function describeEdit(preview: EditPreview): string[] {
  return [
    '',
    'Your edit',
    ...changes(preview.changes),
    ...(preview.raised
      ? [`Policy asks for more now: tier ${preview.tier}, ${preview.needed} approvals.`]
      : []),
    ...(preview.ok
      ? []
      : [`It would be refused: ${inert(preview.detail ?? preview.code ?? 'no reason given')}`]),
  ];
}

type Confirmed = { ok: true; values: JsonObject } | { ok: false; message: string };

/** The server compares the values (law 6); here it is only said in time what it will want. */
function confirmations({ friction }: RequestView, args: JsonObject, given: readonly string[]): Confirmed {
  const typed = new Map<string, Json>();
  for (const pair of given) {
    const split = pair.indexOf('=');
    if (split < 1) return { ok: false, message: `--confirm takes path=value, not ${inert(pair)}.` };
    const [path, text] = [pair.slice(0, split), pair.slice(split + 1)];
    typed.set(path, typedLike(valueAt(args, path), text));
  }
  const wanted =
    friction.kind === 'none' ? [] : friction.paths.filter((path) => valueAt(args, path) !== undefined);
  const missing = wanted.filter((path) => !typed.has(path));
  if (missing.length === 0) return { ok: true, values: Object.fromEntries(typed) };
  const how = missing.map((path) => `--confirm ${inert(path)}=…`).join(' ');
  return { ok: false, message: `This tier asks you to confirm what you read: ${how}` };
}

/** Text where the argument is text, JSON where it is anything else. */
function typedLike(actual: Json | undefined, text: string): Json {
  if (typeof actual === 'string') return text;
  const parsed = parseStrict(text);
  return parsed.ok ? parsed.value : text;
}

function usage(message: string, terminal: Terminal): ExitCode {
  terminal.err(message);
  return exitCode.usage;
}
