/** Logs of a size, sealed into a folder without a feed: entries as events make them, names and texts beside them. */
import { hash, randomBytes } from 'node:crypto';
import type { FeedEvent } from '@countersign/shared/feed';
import { printSignerKey, printVerifierKey, type SignerKey, signerKey } from '@countersign/shared/tlog';
import { type Disk, openDisk } from '../../services/ledger/disk/disk.ts';
import { type Beside, type BesideStore, openBeside } from '../../services/ledger/sealing/beside.ts';
import { bytesOf, entryOf } from '../../services/ledger/sealing/entry.ts';
import { leafOf, openLog } from '../../services/ledger/sealing/log.ts';
import { type Names, openNames } from '../../services/ledger/sealing/names.ts';

/** An event that is to be sealed, with the text that it commits to where it has one. */
export type Told = Omit<FeedEvent, 'id' | 'payload'> & { text?: string };

export type SealedLog = {
  names: Names;
  beside: BesideStore;
  /** Seals some more, in one checkpoint. */
  add(told: readonly Told[]): Promise<void>;
};

async function keyIn(disk: Disk): Promise<SignerKey> {
  const key = signerKey(`countersign/test/${randomBytes(8).toString('hex')}`, randomBytes(32));
  await disk.write([
    { path: 'signer-key', bytes: `${printSignerKey(key)}\n` },
    { path: 'verifier-key', bytes: `${printVerifierKey(key)}\n` },
  ]);
  return key;
}

/** Begins a log in an empty folder. */
export async function sealedLog(folder: string): Promise<SealedLog> {
  const disk = openDisk(folder);
  const [log, names, beside] = [
    await openLog(disk, await keyIn(disk)),
    await openNames(disk),
    openBeside(disk),
  ];
  return {
    names,
    beside,
    async add(told) {
      const first = log.sealed()?.size ?? 0;
      const texts: Beside[] = [];
      const entries = told.map(({ text, ...event }, at) => {
        const seq = first + at;
        const id = `${event.at}-${seq}`;
        if (text === undefined) return entryOf({ ...event, id }, seq, names.pseudonymOf);
        const commitment = `sha256:${hash('sha256', text, 'hex')}`;
        texts.push({ seq, request_id: event.request_id ?? '', commitment, text });
        return entryOf({ ...event, id, payload: { version: 1, commitment } }, seq, names.pseudonymOf);
      });
      await Promise.all([names.save(), beside.add(texts)]);
      await log.append(
        entries.map((entry) => leafOf(bytesOf(entry))),
        Date.now(),
      );
    },
  };
}

export type AskedFor = {
  id: string;
  at: number;
  args: Record<string, unknown>;
  agent?: string;
  tool?: string;
  tier?: string;
  rules?: string[];
  reviewer?: string;
  approve?: boolean;
};

/** What intake tells of a request that one person decides. */
export function decided(asked: AskedFor): Told[] {
  const {
    id,
    at,
    args,
    agent = 'support',
    tool = 'orders.refund',
    tier = 'high',
    rules = ['refunds'],
  } = asked;
  const { reviewer = 'ann', approve = true } = asked;
  const about = { request_id: id, agent, tool, tier };
  const person = { kind: 'person', id: reviewer } as const;
  const status = approve ? 'approved' : 'rejected';
  const text = JSON.stringify({
    args,
    salt: `salt of ${id}`,
    why: [],
    said: { reason: `Because of ${id}.` },
  });
  return [
    {
      ...about,
      type: 'action.proposed',
      at,
      actor: { kind: 'agent', id: agent },
      status: 'pending',
      data: { effect: 'approval_required', rules },
      text,
    },
    {
      ...about,
      type: 'request.created',
      at,
      actor: { kind: 'policy', id: 'policy' },
      status: 'pending',
      data: { rules },
    },
    {
      ...about,
      type: 'verdict.given',
      at: at + 1_000,
      actor: person,
      status: 'pending',
      data: { verdict: approve ? 'approve' : 'reject' },
    },
    { ...about, type: `request.${status}`, at: at + 1_000, actor: person, status },
  ];
}
