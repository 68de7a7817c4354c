/** `destinations`: where notices go, in which state each is, and what an operator does about it. */
import { DestinationView, Rotated } from '@countersign/shared/contracts';
import { z } from 'zod';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { fail } from './review.ts';

type Output = { json?: boolean };

const Nothing = z.object({});

/** Lists destinations, the oldest first: kind, name, where, and what is the matter with them. No secret, nor an address that may be one. */
export async function listDestinations(
  options: Output,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await readDestinations(connection);
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) {
    terminal.out(inertJson(answer.body));
    return exitCode.done;
  }
  const items = answer.value.items.toSorted((one, other) => one.created_at.localeCompare(other.created_at));
  if (items.length === 0)
    terminal.out(
      'There is no destination: people hear by what each of them has set up, and nobody else does.',
    );
  for (const destination of items) for (const line of lines(destination)) terminal.out(line);
  return exitCode.done;
}

/** Gives a webhook a new secret and prints it, this once. */
export async function rotateSecret(
  id: string,
  options: Output,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await call(connection, 'POST', `${destinationPath(id)}/rotate`, Rotated);
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) {
    terminal.out(inertJson(answer.body));
    return exitCode.done;
  }
  const { secret, previous_until } = answer.value;
  terminal.out(secret);
  terminal.err(`It is not shown again. The one before it signs too until ${inert(previous_until)}.`);
  return exitCode.done;
}

/** Takes a disabled destination into use again, and says how to send what it missed. */
export async function enableDestination(
  id: string,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const before = await readDestinations(connection);
  if (!before.ok) return fail(before, terminal);
  const answer = await call(connection, 'PUT', destinationPath(id), Nothing, { disabled: false });
  if (!answer.ok) return fail(answer, terminal);
  const { disabled, failing } = before.value.items.find((one) => one.id === id) ?? {};
  if (disabled === undefined) {
    terminal.out(`${inert(id)} was in use; its failures are forgotten.`);
    return exitCode.done;
  }
  const missed = failing?.since ?? disabled.at;
  terminal.out(`${inert(id)} is in use again.`);
  terminal.err(
    `Send what it missed: countersign deliveries replay --destination ${inert(id)} --since ${inert(missed)}`,
  );
  return exitCode.done;
}

/** Removes a destination. */
export async function removeDestination(
  id: string,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await call(connection, 'DELETE', destinationPath(id), Nothing);
  if (!answer.ok) return fail(answer, terminal);
  terminal.out(`${inert(id)} is removed.`);
  return exitCode.done;
}

/** `/v1/destinations/…`, whatever somebody typed as an id. */
export function destinationPath(id: string): string {
  return `/v1/destinations/${encodeURIComponent(id)}`;
}

function readDestinations(connection: Connection) {
  return call(connection, 'GET', '/v1/destinations', z.object({ items: z.array(DestinationView) }));
}

function lines(destination: DestinationView): string[] {
  const { id, kind, name, disabled, failing, held_until, previous_secret_until } = destination;
  const first = [id, kind, name, where(destination)].filter((part) => part !== '').map(inert);
  const matters = [
    heard(destination.match),
    disabled && `DISABLED since ${disabled.at}: ${disabled.reason}`,
    failing && `every attempt has failed since ${failing.since}: ${failing.attempts} of them`,
    held_until && `it asked to be left alone until ${held_until}`,
    previous_secret_until && `the secret before the last signs too until ${previous_secret_until}`,
  ];
  return [
    first.join('  '),
    ...matters.flatMap((text) => (text === undefined ? [] : [`  ${inert(text)}`])),
    ...(disabled === undefined
      ? []
      : [`  Once that is mended: countersign destinations enable ${inert(id)}`]),
  ];
}

/** Whose address it is, and no more: the rest of many a webhook's address is a secret. */
function where({ url, to = [], header_names }: DestinationView): string {
  const headers = header_names.length === 0 ? '' : ` with ${header_names.join(', ')}`;
  const more = to.length > 3 ? ` and ${to.length - 3} more` : '';
  return `${url === undefined ? '' : originOf(url)}${to.slice(0, 3).join(', ')}${more}${headers}`;
}

function originOf(url: string): string {
  if (!URL.canParse(url)) return '';
  const { origin, pathname, search } = new URL(url);
  return pathname === '/' && search === '' ? origin : `${origin}/…`;
}

function heard(match: DestinationView['match']): string | undefined {
  const { tiers, ...others } = match ?? {};
  const words = Object.entries(others).flatMap(([of, names]) =>
    names === undefined ? [] : [`${of} ${names.join(', ')}`],
  );
  if (tiers !== undefined)
    words.push(tiers.length === 0 ? 'what policy sends there' : `tiers ${tiers.join(', ')}`);
  return words.length === 0 ? undefined : `hears only of ${words.join('; ')}`;
}
