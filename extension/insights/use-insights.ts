import type { Figures, LoadFigures, Mine, Trend } from '@countersign/shared/contracts';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { getFigures, getLoad, getMine, getTrend, type Of } from '../api/insights.ts';
import type { Trouble } from '../api/trouble.ts';
import type { Connection } from '../keep/items.ts';

/** What a page of figures shows: a lead's, or where this person is none, only their own. */
export type Insights = {
  team?: { figures: Figures; trend?: Trend; load?: LoadFigures };
  mine?: Mine;
  trouble?: Trouble;
};

/** Reads them, and again when asked. What was read stays on the screen until the new is there. */
export function useInsights(connection: Connection, { from, team }: Of) {
  const [insights, setInsights] = useState<Insights>({});
  const [busy, setBusy] = useState(true);
  const [turn, setTurn] = useState(0);
  const readAgain = useCallback(() => setTurn((count) => count + 1), []);
  useEffect(() => {
    let wanted = true;
    setBusy(true);
    void read(connection, { from, team }).then((read) => {
      if (!wanted) return;
      setInsights((before) => (read.trouble ? { ...before, trouble: read.trouble } : read));
      setBusy(false);
    });
    return () => {
      wanted = false;
    };
  }, [connection, from, team, turn]);
  return { insights, busy, readAgain };
}

async function read(connection: Connection, of: Of): Promise<Insights> {
  const [figures, trend, load, mine] = await Promise.all([
    getFigures(connection, of),
    getTrend(connection, of),
    getLoad(connection, of),
    getMine(connection, of),
  ]);
  const own = mine.ok ? { mine: mine.value } : {};
  // Each part stands for itself: a picture that could not be read takes no table with it.
  if (figures.ok)
    return {
      ...own,
      team: {
        figures: figures.value,
        ...(trend.ok ? { trend: trend.value } : {}),
        ...(load.ok ? { load: load.value } : {}),
      },
    };
  // Who is no lead sees their own, and that is all there is for them.
  if (figures.trouble.code === 'forbidden' && mine.ok) return own;
  return { ...own, trouble: figures.trouble };
}
