/** `audit verify`: holds a sealed log against its checkpoints, wherever it lies. No server and no Redis is needed. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerifierKey } from '@countersign/shared/tlog';
import { provenFacts, verifyEntry } from '../audit/entry-proof.ts';
import { addressSource, folderSource } from '../audit/source.ts';
import { verifyLog } from '../audit/verify.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { inert, inertJson } from '../terminal/inert.ts';
import { renderProvenEntry } from '../terminal/proven-entry.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { givenText } from './at-file.ts';
import { verifierKeyFrom } from './verifier-key.ts';

export type VerifyAuditOptions = {
  /** The log's verifier key, or the name of a file that holds it. */
  key?: string;
  /** An API key, for an address that asks for one; or `@` and the name of a file that holds it. */
  apiKey?: string;
  /** Files of checkpoints that were kept elsewhere. */
  checkpoint?: string[];
  /** How old the log's own checkpoint may be, ms. */
  maxAge?: number;
  json?: boolean;
};

/** Where it is told. */
type Screen = Pick<Terminal, 'out' | 'err' | 'columns'>;

/** How many findings are told one by one. */
const toldOneByOne = 20;

/** Verifies the log in a folder or at an address, or one entry by its proof. Refused where anything about it is wrong. */
export async function verifyAudit(
  place: string,
  options: VerifyAuditOptions,
  terminal: Screen,
): Promise<ExitCode> {
  const isAddress = /^https?:\/\//.test(place);
  if (options.key === undefined) {
    terminal.err(
      'Say by --key whose log it is: its verifier key, got from somebody you trust and not from where the log lies. ' +
        `${isAddress ? '' : `The operator finds it in ${inert(join(place, 'verifier-key'))}.`}`,
    );
    return exitCode.usage;
  }
  const given = await verifierKeyFrom(options.key);
  if (!given.ok) {
    terminal.err(given.message);
    return exitCode.usage;
  }
  const { key } = given;
  if (!isAddress && (await isFile(place))) return verifyProofFile(place, key, options, terminal);
  const apiKey = options.apiKey === undefined ? undefined : await givenText('--api-key', options.apiKey);
  if (apiKey?.ok === false) {
    terminal.err(apiKey.message);
    return exitCode.usage;
  }
  const source = isAddress ? addressSource(place, apiKey?.text) : folderSource(place);
  const witnessed: Uint8Array[] = [];
  for (const file of options.checkpoint ?? []) {
    const read = await readFile(file).catch(() => undefined);
    if (read === undefined) {
      terminal.err(`There is no checkpoint in ${inert(file)}.`);
      return exitCode.usage;
    }
    witnessed.push(read);
  }

  const began = Date.now();
  let told = began;
  const onProgress = (done: number, size: number): void => {
    if (Date.now() - told < 1_000) return;
    told = Date.now();
    terminal.err(`${done.toLocaleString('en')} of ${size.toLocaleString('en')} entries …`);
  };
  const { maxAge } = options;
  const fresh = maxAge === undefined ? undefined : { maxAgeMs: maxAge, now: began };
  const verified = await verifyLog(source, { key, witnessed, onProgress, ...(fresh && { fresh }) }).catch(
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (typeof verified === 'string') {
    terminal.err(`The log could not be read: ${inert(verified)}`);
    return exitCode.unavailable;
  }
  const findings = 'findings' in verified ? verified.findings : [verified];
  if (options.json) {
    const log =
      'findings' in verified
        ? {
            origin: verified.origin,
            size: verified.size,
            root: Buffer.from(verified.root).toString('base64'),
            canaries: verified.canaries,
            signed_at: verified.signed_at === undefined ? null : new Date(verified.signed_at).toISOString(),
          }
        : {};
    terminal.out(inertJson({ verified: findings.length === 0, ...log, findings }));
    return findings.length === 0 ? exitCode.done : exitCode.refused;
  }
  for (const { code, message } of findings.slice(0, toldOneByOne))
    terminal.err(`✗ ${inert(message)} (${code})`);
  if (findings.length > toldOneByOne) terminal.err(`✗ … and ${findings.length - toldOneByOne} more.`);
  if (findings.length > 0 || !('findings' in verified)) {
    terminal.err('This log is not what was sealed.');
    return exitCode.refused;
  }
  const { size, origin, signed_at, canaries } = verified;
  terminal.out(`✓ ${size.toLocaleString('en')} entries of ${inert(origin)} are what was sealed.`);
  if (signed_at !== undefined) terminal.out(`  Signed at ${new Date(signed_at).toISOString()}.`);
  if (canaries.revealed > 0)
    terminal.out(
      `  ${canaries.planted} of the ${canaries.revealed} requests that ended were planted, as each had committed to when it was made.`,
    );
  if (witnessed.length > 0)
    terminal.out(`  It bears out ${witnessed.length} checkpoint(s) that were kept elsewhere.`);
  if (witnessed.length === 0 && fresh === undefined)
    terminal.out('  Not shown: that nothing was cut off its end. Give a newer checkpoint, or --max-age.');
  return exitCode.done;
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** A `.tlog-proof` with its entry, as `audit proof --output` writes it. */
async function verifyProofFile(
  path: string,
  key: VerifierKey,
  { checkpoint, maxAge, json }: VerifyAuditOptions,
  terminal: Screen,
): Promise<ExitCode> {
  if (checkpoint !== undefined || maxAge !== undefined) {
    terminal.err('--checkpoint and --max-age are for a whole log: a proof of one entry stands by itself.');
    return exitCode.usage;
  }
  const proven = verifyEntry(await readFile(path, 'utf8'), key);
  if ('code' in proven) {
    if (json) terminal.out(inertJson({ verified: false, findings: [proven] }));
    else terminal.err(`✗ ${inert(proven.message)} (${proven.code})`);
    return exitCode.refused;
  }
  if (json) terminal.out(inertJson({ ...provenFacts(proven), findings: [] }));
  else for (const line of renderProvenEntry(proven, terminal.columns)) terminal.out(line);
  return exitCode.done;
}
