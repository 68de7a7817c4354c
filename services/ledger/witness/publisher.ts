/** Brings the newest checkpoint of each log to each witness, for as long as that takes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Witness, Witnessed } from './witness.ts';

/** A witness that does not have the newest checkpoint of a workspace, since when (ms) and why. */
export type Behind = { workspace: string; witness: string; since: number; error: string };

export type Publisher = {
  /** Has it brought everywhere. One that a newer checkpoint overtakes while it waits need not be brought any more. */
  publish(witnessed: Witnessed): void;
  behind(): Behind[];
  /** Gives those that wait one more chance, then ends. */
  stop(): Promise<void>;
};

/** The pause after a failure: doubles from the first to the last, ms. */
const pauses = { first: 1_000, last: 60_000 };

/** @param onError told of the first failure of each that falls behind, and of each that has caught up again */
export function openPublisher(
  witnesses: readonly Witness[],
  onError: (behind: Behind) => void,
  pause = pauses,
): Publisher {
  const stopping = new AbortController();
  const newest = new Map<string, Witnessed>();
  const behind = new Map<string, Behind>();
  const under = new Map<string, Promise<void>>();

  async function bring(lane: string, witness: Witness): Promise<void> {
    let ms = pause.first;
    for (;;) {
      const next = newest.get(lane);
      if (next === undefined) return;
      try {
        await witness.keep(next);
        if (newest.get(lane) === next) newest.delete(lane);
        behind.delete(lane);
        ms = pause.first;
      } catch (error) {
        const since = behind.get(lane)?.since;
        const told = error instanceof Error ? error.message : String(error);
        const now = {
          workspace: next.workspace,
          witness: witness.name,
          since: since ?? Date.now(),
          error: told,
        };
        behind.set(lane, now);
        if (since === undefined) onError(now);
        if (stopping.signal.aborted) return;
        await sleep(ms, undefined, { signal: stopping.signal }).catch(() => {});
        ms = Math.min(ms * 2, pause.last);
      }
    }
  }

  return {
    publish(witnessed) {
      for (const [at, witness] of witnesses.entries()) {
        const lane = `${at} ${witnessed.workspace}`;
        newest.set(lane, witnessed);
        if (under.has(lane)) continue;
        const bringing = bring(lane, witness).finally(() => under.delete(lane));
        under.set(lane, bringing);
      }
    },
    behind: () => [...behind.values()],
    async stop() {
      stopping.abort();
      await Promise.all(under.values());
    },
  };
}
