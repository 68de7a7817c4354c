import { useEffect, useRef, useState } from 'preact/hooks';
import { getRequest } from '../api/reviewer.ts';
import { searchRequests } from '../api/search.ts';
import type { Connection } from '../keep/items.ts';
import { onChange } from '../queue/news.ts';
import { language } from '../words/say.ts';
import { type Filters, queryOf, searchOf } from './filters.ts';
import { foundOf } from './found.ts';
import { recall } from './recall.ts';
import { type Reading, withChanged, withPage } from './results.ts';

const pageSize = 100;

export type ResultsHandle = Reading & {
  /** Reads the next page, if there is one and none is being read. */
  readMore: () => void;
  /** Begins anew, and after a failure goes on. */
  readAgain: () => void;
};

/**
 * What the filters find, page by page as far as it was asked for. Rows on the screen stay until the answer to another
 * search has come; an answer that was overtaken is dropped.
 */
export function useResults(connection: Connection, filters: Filters): ResultsHandle {
  const query = queryOf(filters);
  const [reading, setReading] = useState<Reading>(() => ({
    results: recall(query)?.results ?? null,
    busy: false,
    trouble: null,
  }));
  const latest = useRef(reading);
  latest.current = reading;
  /** Counts searches: an answer to another one than the last is of no use. */
  const search = useRef(0);

  const read = async (cursor: string | undefined) => {
    const mine = search.current;
    setReading((now) => ({ ...now, busy: true, trouble: null }));
    const answer = await searchRequests(
      connection,
      { ...searchOf(filters), ...(cursor && { cursor }) },
      pageSize,
    );
    if (mine !== search.current) return;
    setReading(({ results }) => {
      if (!answer.ok) return { results, busy: false, trouble: answer.trouble };
      const page = {
        rows: answer.value.items.map((item) => foundOf(item, language())),
        cursor: answer.value.next_cursor,
      };
      // Without a cursor it is the first page, and replaces whatever stood there.
      return { results: withPage(cursor ? results : null, query, page), busy: false, trouble: null };
    });
  };

  useEffect(() => {
    search.current += 1;
    const known = recall(query);
    if (known) setReading({ results: known.results, busy: false, trouble: null });
    else void read(undefined);
    return () => {
      search.current += 1;
    };
  }, [query, connection]);

  const refresh = async (id: string) => {
    if (!latest.current.results?.rows.some((row) => row.id === id)) return;
    const answer = await getRequest(connection, id);
    if (!answer.ok) return;
    const found = foundOf(answer.value, language());
    setReading((now) => (now.results ? { ...now, results: withChanged(now.results, found) } : now));
  };
  useEffect(() => {
    // What was opened from here may have been decided there.
    const opened = recall(query)?.opened;
    if (opened) void refresh(opened);
    return onChange((id) => {
      if (id !== null) void refresh(id);
    });
  }, []);

  return {
    ...reading,
    readMore: () => {
      const { results, busy, trouble } = latest.current;
      if (busy || trouble || results?.query !== query || results.cursor === undefined) return;
      latest.current = { ...latest.current, busy: true };
      void read(results.cursor);
    },
    readAgain: () => {
      const { results, trouble } = latest.current;
      void read(trouble && results?.query === query ? results.cursor : undefined);
    },
  };
}
