import type { Batch, BatchRow, DecideMany, RequestView, Verdict } from '@countersign/shared/contracts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { getRequest, markViewed } from '../api/reviewer.ts';
import type { Trouble } from '../api/trouble.ts';
import { noteHeld } from '../decide/held.ts';
import { ownVerdict } from '../decide/verdict.ts';
import type { Connection } from '../keep/items.ts';
import { onChange } from '../queue/news.ts';
import { askWorker } from '../worker/ask.ts';
import { decideMany } from './calls.ts';
import {
  type Fate,
  freshMarks,
  isUndecided,
  type Marks,
  noteFate,
  noteOpened,
  noteRead,
  toggle,
  toggleAll,
} from './marks.ts';
import { useBatchAttention } from './use-batch-attention.ts';

export type BatchHandle = {
  marks: Marks;
  /** The verdict that is on its way. */
  sending: Verdict | null;
  /** Why nothing of the last sending is known to have arrived. */
  trouble: Trouble | null;
  toggle: (id: string) => void;
  toggleAll: () => void;
  /** Reads a row's request for showing it in place, and tells the server that it was opened. */
  open: (row: BatchRow) => Promise<RequestView | null>;
  /** Gives the chosen rows a verdict, once. */
  send: (verdict: Verdict, reason: string) => Promise<void>;
};

/** One batch on this surface: its rows fixed, what happens to them followed. */
export function useBatch(connection: Connection, batch: Batch): BatchHandle {
  const [marks, setMarks] = useState(() => freshMarks(batch));
  const [sending, setSending] = useState<Verdict | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const latest = useRef(marks);
  latest.current = marks;
  const inFlight = useRef(false);
  const claim = useBatchAttention(batch);

  useEffect(() => {
    const look = async (row: BatchRow) => {
      const answer = await getRequest(connection, row.id);
      // What this surface has just decided is told by the answer to that.
      if (answer.ok && !inFlight.current) setMarks((now) => noteRead(now, row, answer.value));
    };
    return onChange((request) => {
      for (const row of batch.rows) {
        const concerned = request === null || request === row.id;
        if (concerned && !inFlight.current && isUndecided(latest.current, row.id)) void look(row);
      }
    });
  }, [connection, batch]);

  const open = async (row: BatchRow): Promise<RequestView | null> => {
    const answer = await getRequest(connection, row.id);
    if (!answer.ok) {
      setTrouble(answer.trouble);
      return null;
    }
    setMarks((now) => noteRead(now, row, answer.value));
    const { version, args_digest } = answer.value;
    const viewed = await markViewed(connection, row.id, { version, args_digest });
    if (viewed.ok) setMarks((now) => noteOpened(now, row.id));
    else setTrouble(viewed.trouble);
    return answer.value;
  };

  const send = async (verdict: Verdict, reason: string): Promise<void> => {
    if (inFlight.current) return;
    const rows = batch.rows.filter(({ id }) => latest.current.chosen.has(id));
    if (rows.length === 0) return;
    inFlight.current = true;
    setSending(verdict);
    setTrouble(null);
    try {
      const items = rows.map(({ id, version, args_digest }) => ({
        id,
        verdict,
        seen: { version, args_digest },
        ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
      }));
      const attention = claim([...latest.current.opened]);
      const { fates, lost } = await settle(connection, { batch: batch.id, items, ...attention });
      setMarks((now) => [...fates].reduce((next, [id, fate]) => noteFate(next, id, fate), now));
      setTrouble(lost);
      for (const fate of fates.values()) {
        if (fate.kind === 'decided') await noteHeld(fate.request, connection.person.id);
      }
      void askWorker({ kind: 'wake' });
    } finally {
      inFlight.current = false;
      setSending(null);
    }
  };

  return {
    marks,
    sending,
    trouble,
    toggle: (id) => setMarks((now) => toggle(now, id)),
    toggleAll: () => setMarks((now) => toggleAll(now, batch)),
    open,
    send,
  };
}

type Settled = { fates: Map<string, Fate>; lost: Trouble | null };

/**
 * Sends the verdicts and makes sure of what became of them: where the answer got lost, each row is looked up, because
 * any of the verdicts may well have arrived.
 */
async function settle(connection: Connection, body: DecideMany): Promise<Settled> {
  const fates = new Map<string, Fate>();
  const answer = await decideMany(connection, body);
  if (answer.ok) {
    for (const result of answer.value.results) {
      if (result.ok) {
        fates.set(result.id, { kind: 'decided', request: result.request });
        continue;
      }
      const { code, detail, ...extra } = result.problem;
      // A code that this build does not know is shown by the server's own words.
      fates.set(result.id, {
        kind: 'refused',
        trouble: { code: code as Trouble['code'], detail, extra },
      });
    }
    return { fates, lost: null };
  }
  if (answer.trouble.code !== 'unreachable') return { fates, lost: answer.trouble };
  await Promise.all(
    body.items.map(async ({ id, verdict }) => {
      const found = await getRequest(connection, id);
      if (!found.ok || ownVerdict(found.value, connection.person.id)?.verdict !== verdict) return;
      fates.set(id, { kind: 'decided', request: found.value });
    }),
  );
  return { fates, lost: fates.size === body.items.length ? null : answer.trouble };
}
