/**
 * The verifier by itself: what `countersign audit verify` does, as a program of one file that needs nothing but Node.
 * Built by build.ts. Its options are read by Node's own parser, so that whoever reads the file reads little else than
 * the verifying.
 */
import { parseArgs } from 'node:util';
import { parseDuration } from '@countersign/shared/policy';
import { verifyAudit } from '../commands/audit.ts';
import { exitCode } from '../exit-code.ts';

const usage = `Usage: node countersign-verify.mjs [options] <folder or address of a log, or the file of a proof>

Verifies every entry of a log of Countersign, or one by its proof, offline, without trusting where it lies.

Options:
  --key <key>           the log’s verifier key, or a file that holds it
  --checkpoint <file>   a checkpoint that was kept elsewhere; may be given again
  --max-age <time>      how old its own checkpoint may be: 15m, 1h, 7d
  --api-key <key>       for an address: the key of an auditor or a lead; @FILE keeps it off the command line
  --json                print the findings as JSON
  --help                this text

It tells which entry was changed, exchanged or moved. That entries were cut off the end only shows against a
checkpoint that is newer than the cut (--checkpoint), or where a fresh one is expected (--max-age).

Exit codes: 0 it is what was sealed; 1 it is not; 2 called wrongly; 3 it could not be read.`;

const terminal = {
  out: (line: string) => console.log(line),
  err: (line: string) => console.error(line),
  columns: process.stdout.columns ?? 100,
};

function given(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      checkpoint: { type: 'string', multiple: true },
      'max-age': { type: 'string' },
      'api-key': { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
}

async function run(argv: readonly string[]): Promise<number> {
  let read: ReturnType<typeof given>;
  try {
    read = given(argv);
  } catch (error) {
    terminal.err(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return exitCode.usage;
  }
  const { help, key, checkpoint, json, 'max-age': age, 'api-key': apiKey } = read.values;
  const [place, ...more] = read.positionals;
  if (help) {
    terminal.out(usage);
    return exitCode.done;
  }
  if (place === undefined || more.length > 0) {
    terminal.err(`Name one log: a folder, or an address.\n\n${usage}`);
    return exitCode.usage;
  }
  // A bare number would be seconds, which is what nobody means.
  const maxAge = age === undefined ? undefined : /[a-z]$/.test(age) ? parseDuration(age) : null;
  if (maxAge === null || (age !== undefined && maxAge === undefined)) {
    terminal.err('--max-age: write it like 90s, 15m, 1h or 7d.');
    return exitCode.usage;
  }
  const options = {
    ...(key !== undefined && { key }),
    ...(apiKey !== undefined && { apiKey }),
    ...(checkpoint !== undefined && { checkpoint }),
    ...(maxAge !== undefined && { maxAge }),
    ...(json && { json }),
  };
  return verifyAudit(place, options, terminal);
}

process.exitCode = await run(process.argv.slice(2));
