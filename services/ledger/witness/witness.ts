/**
 * Where checkpoints go, off this machine: a log whose every copy is in one hand shows nothing about its end. What a
 * witness has is what a verifier is given besides the log.
 */
import type { Outbound } from '@countersign/shared/outbound';
import type { Disk } from '../disk/disk.ts';

/** One checkpoint of one workspace's log, as signed. */
export type Witnessed = { workspace: string; size: number; checkpoint: string };

export type Witness = {
  /** For logs: no address and no secret in it. */
  name: string;
  /** Resolves when it is kept there; the same again does no harm. Rejects otherwise, with a reason that holds no secret. */
  keep(witnessed: Witnessed): Promise<void>;
};

/** A second folder, on another disk as a rule: each checkpoint a file of its own, `<workspace>/<size>.checkpoint`. */
export function folderWitness(disk: Disk): Witness {
  return {
    name: 'folder',
    async keep({ workspace, size, checkpoint }) {
      // Signed anew at the same size it takes the place of the one before: it says the same of the log, and is younger.
      const path = `${workspace}/${String(size).padStart(16, '0')}.checkpoint`;
      await disk.write([{ path, bytes: checkpoint }]);
    },
  };
}

/** An address that takes each checkpoint as the body of a POST, `text/plain`, and answers 2xx once it has kept it. */
export function addressWitness(
  out: Outbound,
  url: string,
  headers: Readonly<Record<string, string>>,
): Witness {
  return {
    name: 'address',
    async keep({ workspace, size, checkpoint }) {
      const answer = await out.post(url, {
        headers: {
          ...headers,
          'content-type': 'text/plain; charset=utf-8',
          'countersign-workspace': workspace,
          'countersign-log-size': String(size),
        },
        body: checkpoint,
      });
      if (answer.kind !== 'answered') throw new Error(answer.code);
      if (answer.status < 200 || answer.status > 299) throw new Error(`http_${answer.status}`);
    },
  };
}
