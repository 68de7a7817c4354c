import type { RequestView, ReviewBatch } from '@countersign/shared/contracts';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { markViewed } from '../api/reviewer.ts';
import { getReviews, sayOf, sayOfAll } from '../api/reviews.ts';
import type { Trouble } from '../api/trouble.ts';
import type { Connection } from '../keep/items.ts';
import { onChange } from '../queue/news.ts';
import { listed, type Row, settled } from './rows.ts';

export type ReviewsHandle = {
  /** null until they have been read. */
  rows: Row[] | null;
  batches: ReviewBatch[];
  /** How many there are in all; more than `rows` where the list is long. */
  total: number;
  /** Something is being said, and the server has not answered. */
  busy: boolean;
  trouble: Trouble | null;
  reload: () => Promise<void>;
  /** Notes that a row was opened. */
  open: (request: RequestView) => Promise<void>;
  /** Whether the server took it. */
  say: (request: RequestView, word: Parameters<typeof sayOf>[2]) => Promise<boolean>;
  sayOfBatch: (batch: ReviewBatch) => Promise<void>;
};

/** As many as one page of the contract holds. */
const most = 200;

/** What ran and this reviewer may look at, read again whenever the server says that something has changed. */
export function useReviews(connection: Connection): ReviewsHandle {
  const [rows, setRows] = useState<Row[] | null>(null);
  const [{ batches, total }, setAround] = useState<{ batches: ReviewBatch[]; total: number }>({
    batches: [],
    total: 0,
  });
  const [busy, setBusy] = useState(false);
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
      const answer = await getReviews(connection, most);
      setTrouble(answer.ok ? null : answer.trouble);
      if (!answer.ok) continue;
      const { items, counts } = answer.value;
      setRows((before) => listed(before ?? [], items));
      setAround({ batches: answer.value.batches, total: counts.total });
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

  const open = useCallback(
    async ({ id, version, args_digest }: RequestView) => {
      const answer = await markViewed(connection, id, { version, args_digest });
      if (answer.ok) await reload();
      else setTrouble(answer.trouble);
    },
    [connection, reload],
  );

  const say: ReviewsHandle['say'] = async (request, word) => {
    setBusy(true);
    const answer = await sayOf(connection, request, word);
    setBusy(false);
    setTrouble(answer.ok ? null : answer.trouble);
    if (answer.ok) setRows((before) => settled(before ?? [], [answer.value]));
    else if (answer.trouble.code === 'already_decided' || answer.trouble.code === 'stale') await reload();
    return answer.ok;
  };

  const sayOfBatch = async (batch: ReviewBatch): Promise<void> => {
    const shown = (rows ?? []).filter(({ request }) => batch.rows.includes(request.id));
    setBusy(true);
    const answer = await sayOfAll(
      connection,
      batch,
      shown.map(({ request }) => request),
    );
    setBusy(false);
    if (!answer.ok) return setTrouble(answer.trouble);
    const { results } = answer.value;
    setRows((before) =>
      settled(
        before ?? [],
        results.flatMap((one) => (one.ok ? [one.request] : [])),
      ),
    );
    await reload();
    const refused = results.find((one) => !one.ok);
    if (refused !== undefined && !refused.ok) {
      const { code, detail, ...extra } = refused.problem;
      setTrouble({ code: code as Trouble['code'], detail, extra });
    }
  };

  return { rows, batches, total, busy, trouble, reload, open, say, sayOfBatch };
}
