import { useCallback, useState } from 'preact/hooks';
import { getGrants, revokeGrant } from '../api/grants.ts';
import type { Trouble } from '../api/trouble.ts';
import type { Connection } from '../keep/items.ts';
import { useReading } from '../queue/use-reading.ts';
import { type Shown, showing } from './shown.ts';

export type GrantsHandle = {
  /** null until they have been read. */
  shown: Shown[] | null;
  /** Ids of those that are being revoked. */
  revoking: ReadonlySet<string>;
  trouble: Trouble | null;
  reload: () => Promise<void>;
  revoke: (id: string) => Promise<void>;
};

/** The grants in force and those that ended meanwhile, read again whenever the server says that something has changed. */
export function useGrants(connection: Connection): GrantsHandle {
  const [shown, setShown] = useState<Shown[] | null>(null);
  const [revoking, setRevoking] = useState<ReadonlySet<string>>(new Set());
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  const read = useCallback(async () => {
    const answer = await getGrants(connection);
    setTrouble(answer.ok ? null : answer.trouble);
    if (answer.ok) setShown((before) => showing(before ?? [], answer.value.items));
  }, [connection]);
  const reload = useReading(read);

  const revoke = useCallback(
    async (id: string) => {
      setRevoking((now) => new Set([...now, id]));
      const answer = await revokeGrant(connection, id);
      // One that is gone already is as good as revoked.
      if (answer.ok || answer.trouble.code === 'not_found') await reload();
      else setTrouble(answer.trouble);
      setRevoking((now) => new Set([...now].filter((other) => other !== id)));
    },
    [connection, reload],
  );

  return { shown, revoking, trouble, reload, revoke };
}
