/** All that belongs to the log of one workspace, opened from its folder, and the promise that there is no second one. */
import { randomBytes } from 'node:crypto';
import { workspaceKeys } from '@countersign/shared/keys';
import {
  parseSignerKey,
  printSignerKey,
  printVerifierKey,
  type SignerKey,
  signerKey,
} from '@countersign/shared/tlog';
import type { Redis } from 'ioredis';
import type { Disk } from '../disk/disk.ts';
import { type BesideStore, openBeside } from './beside.ts';
import { type Log, LogDamaged, openLog } from './log.ts';
import { type Names, openNames } from './names.ts';

export type WorkspaceLog = {
  key: SignerKey;
  log: Log;
  names: Names;
  beside: BesideStore;
  /** How many entries Redis knows to be sealed. */
  acknowledged: number;
};

const keyPath = 'signer-key';
/** Public: what verifiers are given. */
export const verifierKeyPath = 'verifier-key';

/** Sealing goes on only when an operator has mended it: the message says what is wrong and what to do. */
export class LogRefused extends Error {
  override name = 'LogRefused';
}

/** The key that the log is named by, made with the folder. */
async function openKey(disk: Disk, workspace: string): Promise<SignerKey> {
  const text = await disk.read(keyPath);
  if (text !== undefined) {
    const key = parseSignerKey(Buffer.from(text).toString('utf8').trim());
    if (!key.ok) throw new LogDamaged(`${keyPath}: ${key.message}`);
    return key.value;
  }
  if ((await disk.read('checkpoint')) !== undefined)
    throw new LogDamaged(
      `${keyPath} is missing, and a checkpoint is there: restore the folder from a backup.`,
    );
  // Two logs never share a name, so that what one has sealed is never held against the other.
  const key = signerKey(`countersign/${workspace}/${randomBytes(8).toString('hex')}`, randomBytes(32));
  await disk.write([
    { path: keyPath, bytes: `${printSignerKey(key)}\n` },
    { path: verifierKeyPath, bytes: `${printVerifierKey(key)}\n` },
  ]);
  return key;
}

/**
 * Opens it. Rejects with `LogDamaged` where the folder does not bear out its checkpoint, and with `LogRefused` where
 * Redis knows of another log, or of more than this folder holds.
 */
export async function openWorkspaceLog(redis: Redis, disk: Disk, workspace: string): Promise<WorkspaceLog> {
  const key = await openKey(disk, workspace);
  const [log, names] = await Promise.all([openLog(disk, key), openNames(disk)]);
  const { sealed } = workspaceKeys(workspace);
  await redis.hsetnx(sealed, 'log', key.name);
  const [name, size] = await redis.hmget(sealed, 'log', 'size');
  if (name !== key.name)
    throw new LogRefused(
      `Workspace ${workspace} is sealed into the log ${name}, and this folder holds ${key.name}. ` +
        'Start the ledger on that log’s folder. Two logs of one workspace would be worth nothing.',
    );
  if (Number(size ?? 0) > (log.sealed()?.size ?? 0))
    throw new LogRefused(
      `${size} entries of workspace ${workspace} have been sealed, and this folder holds ${log.sealed()?.size ?? 0}. ` +
        'It is an older copy: sealing on from it would sign two different logs. Restore the newest copy.',
    );
  return { key, log, names, beside: openBeside(disk), acknowledged: Number(size ?? 0) };
}
