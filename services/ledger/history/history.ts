/**
 * The history of one workspace: the sealed log, made searchable. All of it lies in `<workspace>/history` and is made
 * from what lies beside that: deleted or damaged, it is made anew. It finds; what is found is read from the log.
 */
import { join, resolve } from 'node:path';
import { openDisk } from '../disk/disk.ts';
import type { Memory } from '../insights/memory.ts';
import { openBeside } from '../sealing/beside.ts';
import { type Names, openNames } from '../sealing/names.ts';
import { type Engine, type EngineLimits, isDamage } from './engine.ts';
import type { Filter } from './filter.ts';
import { follow, isOf, sealedIn } from './follow.ts';
import { entryReader, type FoundEntry, foundEntry, type NamedRequest, namedRequest } from './found.ts';
import { eachEntry, eachRequest, findEntries, findRequests, type Page, type Searched } from './search.ts';
import { openStore, removeStore, type Store } from './store.ts';
import { openTexts, type Texts } from './texts.ts';
import type { Turns } from './turns.ts';

export type HistoryOptions = {
  /** The workspace's folder: its log, what lies beside it, and the history. */
  folder: string;
  limits: EngineLimits;
  turns: Turns;
};

/** One page of an answer; `next` is where the one after it begins, for `before`. */
export type Found<T> = { items: T[]; next?: number };

/** How many entries are searched, of how many that are sealed. */
export type Progress = { searched: number; sealed: number };

export type History = {
  /** Takes in what was sealed before it was asked, and lets go of texts that were erased. */
  bringUp(): Promise<void>;
  progress(): Promise<Progress>;
  /** What the sums of all that was taken in are read with. */
  insights<T>(work: (counted: Counted) => Promise<T>): Promise<T>;
  /** The newest first. Rejects with the signal's reason where that ends it. */
  entries(filter: Filter, page: Page, signal?: AbortSignal): Promise<Found<FoundEntry>>;
  /** Those made last first. */
  requests(filter: Filter, page: Page, signal?: AbortSignal): Promise<Found<NamedRequest>>;
  /** All that there are at this moment, in the log's order, computed as they are read. */
  eachEntry(filter: Filter, signal?: AbortSignal): AsyncIterable<FoundEntry>;
  eachRequest(filter: Filter, signal?: AbortSignal): AsyncIterable<NamedRequest>;
  close(): Promise<void>;
};

/** The sums, what counting remembers, and who is who. */
export type Counted = {
  engine: Engine;
  memory: Memory;
  names: Names;
  /** What was sealed when it was last brought up is in it: nothing is being counted anew, or again. */
  isCurrent: boolean;
};

type Opened = { store: Store; texts: Texts; isCurrent: boolean };

/** Opens it. Nothing is read before it is used. */
export function openHistory({ folder: given, limits, turns }: HistoryOptions): History {
  const root = resolve(given);
  const folder = join(root, 'history');
  const disk = openDisk(root);
  const beside = openBeside(disk);
  const closing = new AbortController();
  const { signal: closed } = closing;
  let opening: Promise<Opened> | undefined;
  let running: Promise<void> | undefined;
  /** Somebody asked while it ran: what was sealed since it looked is to be taken in, too. */
  let again = false;

  async function open(): Promise<Opened> {
    const sealed = await sealedIn(disk);
    let store = await openStore(folder, limits, turns, beside);
    const taken = store.taken();
    if (taken !== undefined && (sealed === undefined || !(await isOf(disk, taken, sealed)))) {
      store.engine.close();
      await removeStore(folder);
      store = await openStore(folder, limits, turns, beside);
    }
    return {
      store,
      texts: openTexts(store.engine, join(root, 'beside'), join(folder, 'texts'), closed),
      isCurrent: false,
    };
  }

  /** It, opened. Where it turns out to be damaged it is removed: this use of it fails, the next finds a new one. */
  async function use<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    closed.throwIfAborted();
    opening ??= open();
    const mine = opening;
    const forget = (): void => {
      if (opening === mine) opening = undefined;
    };
    const opened = await mine.catch((error) => {
      forget();
      throw error;
    });
    try {
      return await work(opened);
    } catch (error) {
      if (isDamage(error) && opening === mine) {
        forget();
        opened.store.engine.close();
        await removeStore(folder);
      }
      throw error;
    }
  }

  async function searched({ store, texts }: Opened) {
    const names = await openNames(disk);
    const by: Searched = { engine: store.engine, texts, people: names, size: store.taken()?.size ?? 0 };
    return { by, names };
  }

  /** The page of what was found, one more than it holds. */
  function pageOf<T>(items: T[], limit: number, placeOf: (item: T) => number): Found<T> {
    const last = items[limit - 1];
    if (items.length <= limit || last === undefined) return { items };
    return { items: items.slice(0, limit), next: placeOf(last) };
  }

  async function bringUp(): Promise<void> {
    await use(async (opened) => {
      const { store, texts } = opened;
      const sealed = await sealedIn(disk);
      try {
        if (sealed !== undefined) await follow(disk, store, sealed, closed);
        opened.isCurrent = !closed.aborted;
      } catch (error) {
        opened.isCurrent = false;
        throw error;
      }
      if (!closed.aborted) await texts.current();
    });
  }

  return {
    bringUp() {
      again = true;
      running ??= (async () => {
        while (again) {
          again = false;
          await bringUp();
        }
      })().finally(() => {
        running = undefined;
      });
      return running;
    },
    progress: () =>
      use(async ({ store }) => ({
        searched: store.taken()?.size ?? 0,
        sealed: (await sealedIn(disk))?.size ?? 0,
      })),
    insights: (work) =>
      use(async ({ store, isCurrent }) =>
        work({ engine: store.engine, memory: await store.memory(), names: await openNames(disk), isCurrent }),
      ),
    entries: (filter, page, signal) =>
      use(async (opened) => {
        const { by, names } = await searched(opened);
        const seqs = await findEntries(by, filter, { ...page, limit: page.limit + 1 }, signal);
        const { items, next } = pageOf(seqs, page.limit, (seq) => seq);
        const read = entryReader(disk, by.size);
        const found: FoundEntry[] = [];
        for (const seq of items) found.push(foundEntry(seq, await read(seq), names));
        return next === undefined ? { items: found } : { items: found, next };
      }),
    requests: (filter, page, signal) =>
      use(async (opened) => {
        const { by, names } = await searched(opened);
        const found = await findRequests(by, filter, { ...page, limit: page.limit + 1 }, signal);
        return pageOf(
          found.map((request) => namedRequest(request, names)),
          page.limit,
          ({ entries }) => entries.first,
        );
      }),
    async *eachEntry(filter, signal) {
      const { by, names } = await use(searched);
      const read = entryReader(disk, by.size);
      for await (const seqs of eachEntry(by, filter, signal))
        for (const seq of seqs) yield foundEntry(seq, await read(seq), names);
    },
    async *eachRequest(filter, signal) {
      const { by, names } = await use(searched);
      for await (const requests of eachRequest(by, filter, signal))
        for (const request of requests) yield namedRequest(request, names);
    },
    async close() {
      closing.abort(new Error('the history is closed'));
      await running?.catch(() => undefined);
      const opened = await opening?.catch(() => undefined);
      opened?.store.engine.close();
    },
  };
}
