/** `browser.storage` on a page: what stays in `localStorage`, what ends with the tab in its memory. */

type Changes = Record<string, { oldValue?: unknown; newValue?: unknown }>;
type Listener = (changes: Changes) => void;

/** What wxt's storage uses of an area. */
export type Area = {
  get(keys: string | string[] | null): Promise<Record<string, unknown>>;
  set(values: Record<string, unknown>): Promise<void>;
  remove(keys: string | string[]): Promise<void>;
  clear(): Promise<void>;
  onChanged: { addListener(listener: Listener): void; removeListener(listener: Listener): void };
};

/** Where an area keeps its texts. `Storage` of the web is one. */
type Texts = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** Our keys begin so, in a `localStorage` that everything of this origin shares. */
const prefix = 'countersign:';

/** An area on `texts`. Other tabs hear of a change where the browser tells them, which it does for `localStorage`. */
export function areaOn(texts: Texts): Area {
  const listeners = new Set<Listener>();
  const tell = (changes: Changes) => {
    if (Object.keys(changes).length > 0) for (const listener of listeners) listener(changes);
  };
  const read = (key: string) => parse(texts.getItem(prefix + key));
  const names = () =>
    Array.from({ length: texts.length }, (_, at) => texts.key(at) ?? '')
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
  const list = (keys: string | string[] | null) => (keys === null ? names() : [keys].flat());

  globalThis.addEventListener?.('storage', ({ storageArea, key, oldValue, newValue }) => {
    if (storageArea !== texts || !key?.startsWith(prefix)) return;
    tell({ [key.slice(prefix.length)]: { oldValue: parse(oldValue), newValue: parse(newValue) } });
  });

  async function remove(keys: string | string[]): Promise<void> {
    const changes: Changes = {};
    for (const key of list(keys)) {
      const oldValue = read(key);
      if (oldValue === undefined) continue;
      texts.removeItem(prefix + key);
      changes[key] = { oldValue };
    }
    tell(changes);
  }
  return {
    async get(keys) {
      const found = list(keys).map((key) => [key, read(key)] as const);
      return Object.fromEntries(found.filter(([, value]) => value !== undefined));
    },
    async set(values) {
      const changes: Changes = {};
      for (const [key, newValue] of Object.entries(values)) {
        changes[key] = { oldValue: read(key), newValue };
        texts.setItem(prefix + key, JSON.stringify(newValue));
      }
      tell(changes);
    },
    remove,
    clear: () => remove(names()),
    onChanged: {
      addListener: (listener) => void listeners.add(listener),
      removeListener: (listener) => void listeners.delete(listener),
    },
  };
}

/** Texts that nobody else sees and that end with the page: no arguments are written to this device's disk. */
export function memoryTexts(): Texts {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, text) => void kept.set(name, text),
    removeItem: (name) => void kept.delete(name),
    key: (at) => [...kept.keys()][at] ?? null,
    get length() {
      return kept.size;
    },
  };
}

function parse(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text);
}
