/** `destinations add`: one more place where notices go. */
import { type CreateDestination, CreatedDestination, type Tier } from '@countersign/shared/contracts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { call } from '../server/call.ts';
import type { Connection } from '../server/connection.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { givenText } from './at-file.ts';
import { fail } from './review.ts';

/** `address`, `secret`, `signingSecret` and each `header` (`Name: value`) may be `@file`; a file of headers has one a line. */
export type AddOptions = {
  address?: string;
  to?: string[];
  secret?: string;
  signingSecret?: string;
  header?: string[];
  agent?: string[];
  tool?: string[];
  /** `none`: no tier by itself, so only what policy's channels ask for. */
  tier?: (Tier | 'none')[];
  group?: string[];
  event?: string[];
  json?: boolean;
};

/** Adds a destination and prints its id; the secret that the server made for it too, this once. */
export async function addDestination(
  kind: CreateDestination['kind'],
  name: string,
  options: AddOptions,
  connection: Connection,
  terminal: Terminal,
): Promise<ExitCode> {
  const read = await credentials(options);
  if (typeof read === 'string') {
    terminal.err(read);
    return exitCode.usage;
  }
  const { to } = options;
  const match = matchOf(options);
  const body: CreateDestination = {
    kind,
    name,
    ...read,
    ...(to === undefined ? {} : { to }),
    ...(match === undefined ? {} : { match }),
  };
  const answer = await call(connection, 'POST', '/v1/destinations', CreatedDestination, body);
  if (!answer.ok) return fail(answer, terminal);
  if (options.json) {
    terminal.out(inertJson(answer.body));
    return exitCode.done;
  }
  const { id, secret } = answer.value;
  terminal.out(inert(id));
  if (secret !== undefined && body.secret === undefined) {
    terminal.out(`secret: ${secret}`);
    terminal.err('It signs what is sent there, and is not shown again.');
  }
  terminal.err(`Try it: countersign destinations test ${inert(id)}`);
  return exitCode.done;
}

/** What may be a credential, read from where it was given; or what is wrong with it, in a sentence. */
async function credentials(
  options: AddOptions,
): Promise<Pick<CreateDestination, 'url' | 'secret' | 'signing_secret' | 'headers'> | string> {
  const members = [
    ['url', '--address', options.address],
    ['secret', '--secret', options.secret],
    ['signing_secret', '--signing-secret', options.signingSecret],
  ] as const;
  const found: Partial<Record<(typeof members)[number][0], string>> = {};
  for (const [member, option, given] of members) {
    if (given === undefined) continue;
    const read = await givenText(option, given);
    if (!read.ok) return read.message;
    found[member] = read.text;
  }
  if (options.header === undefined) return found;
  const headers: Record<string, string> = {};
  for (const given of options.header) {
    const read = await givenText('--header', given);
    if (!read.ok) return read.message;
    for (const line of read.text.split(/\r?\n/)) {
      const [, name, value] = /^([^:\s]+):\s*(.+)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) return '--header: must be “Name: value”, or @file.';
      headers[name] = value;
    }
  }
  return { ...found, headers };
}

function matchOf({ agent, tool, tier, group, event }: AddOptions): CreateDestination['match'] {
  const match = {
    ...(agent === undefined ? {} : { agents: agent }),
    ...(tool === undefined ? {} : { tools: tool }),
    ...(tier === undefined ? {} : { tiers: tier.filter((one) => one !== 'none') }),
    ...(group === undefined ? {} : { groups: group }),
    ...(event === undefined ? {} : { events: event }),
  };
  return Object.keys(match).length === 0 ? undefined : match;
}
