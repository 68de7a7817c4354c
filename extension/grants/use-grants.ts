import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { getGrants, revokeGrant } from '../api/grants.ts';
import type { Trouble } from '../api/trouble.ts';
import type { Connection } from '../keep/items.ts';
import { onChange } from '../queue/news.ts';
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
  const reading = useRef(false);
  const again = useRef(false);

  const reload = useCallback(async () => {
    // However fast the news comes, one reading is on its way, and one more follows it.
    again.current = true;
    if (reading.current) return;
    reading.current = true;
    while (again.current) {
      again.current = false;
      const answer = await getGrants(connection);
      setTrouble(answer.ok ? null : answer.trouble);
      if (answer.ok) setShown((before) => showing(before ?? [], answer.value.items));
    }
    reading.current = false;
  }, [connection]);

  useEffect(() => {
    void reload();
    const look = () => void reload();
    const stop = onChange(look);
    addEventListener('focus', look);
    addEventListener('online', look);
    return () => {
      stop();
      removeEventListener('focus', look);
      removeEventListener('online', look);
    };
  }, [reload]);

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
