/** How far a workspace's feed has been sealed, as noted outside Redis: what Redis says of itself is lost with it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The last event of the feed that is sealed; `undefined` where nothing is known to be. */
export type SealedTail = (workspace: string) => Promise<{ last_event_id: string } | undefined>;

const note = z.object({ feed_id: z.string().regex(/^\d+-\d+$/) });

/**
 * Reads the ledger's note, `<dir>/<workspace>/sealed.json`. Rejects where there is one that cannot be read: whether
 * anything was lost is then not known.
 */
export function sealedTailIn(dir: string): SealedTail {
  return async (workspace) => {
    const text = await readFile(join(dir, workspace, 'sealed.json'), 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    });
    return text === undefined ? undefined : { last_event_id: note.parse(JSON.parse(text)).feed_id };
  };
}
