import { useEffect, useState } from 'preact/hooks';
import { getQueue } from '../api/reviewer.ts';
import type { Connection, Row, Snapshot } from '../keep/items.ts';
import { language } from '../words/say.ts';
import { rowOf } from './row.ts';

type Further = { rows: Row[]; cursor: string | undefined };

export type MoreRows = {
  rows: Row[];
  /** Where the queue goes on; undefined at its end. */
  cursor: string | undefined;
  showMore: () => void;
};

/**
 * The queue beyond the page that the worker keeps, as far as the reviewer asked for it. It is read again whenever the
 * worker has read its page, and what is on the screen stays there until the answer has come.
 */
export function useMoreRows(connection: Connection, snapshot: Snapshot): MoreRows {
  const [pages, setPages] = useState(0);
  const [further, setFurther] = useState<Further | null>(null);

  useEffect(() => {
    if (pages === 0) return;
    let wanted = true;
    readPages(connection, snapshot.next_cursor, pages).then((read) => {
      if (wanted && read) setFurther(read);
    });
    return () => {
      wanted = false;
    };
  }, [pages, snapshot.synced_at]);

  const known = new Set(snapshot.rows.map((row) => row.id));
  return {
    rows: [...snapshot.rows, ...(further?.rows.filter((row) => !known.has(row.id)) ?? [])],
    cursor: further ? further.cursor : snapshot.next_cursor,
    showMore: () => setPages((count) => count + 1),
  };
}

/** So many pages from a cursor on, or null where the server did not answer. */
async function readPages(
  connection: Connection,
  from: string | undefined,
  pages: number,
): Promise<Further | null> {
  const rows: Row[] = [];
  let cursor = from;
  for (let page = 0; page < pages && cursor !== undefined; page += 1) {
    const answer = await getQueue(connection, 50, cursor);
    if (!answer.ok) return null;
    rows.push(...answer.value.items.map((item) => rowOf(item, language())));
    cursor = answer.value.next_cursor;
  }
  return { rows, cursor };
}
