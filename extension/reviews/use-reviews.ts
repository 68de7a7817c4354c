import type { RequestView, ReviewBatch } from '@countersign/shared/contracts';
import { useCallback, useState } from 'preact/hooks';
import { markViewed } from '../api/reviewer.ts';
import { getReviews, sayOf, sayOfAll } from '../api/reviews.ts';
import type { Trouble } from '../api/trouble.ts';
import type { Connection } from '../keep/items.ts';
import { useReading } from '../queue/use-reading.ts';
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

  const read = useCallback(async () => {
    const answer = await getReviews(connection, most);
    setTrouble(answer.ok ? null : answer.trouble);
    if (!answer.ok) return;
    const { items, batches, counts } = answer.value;
    setRows((before) => listed(before ?? [], items));
    setAround({ batches, total: counts.total });
  }, [connection]);
  const reload = useReading(read);

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
