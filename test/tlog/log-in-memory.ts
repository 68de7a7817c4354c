/** A log that lives in a map from path to bytes, as a directory would hold it. */
import {
  append,
  EMPTY_TREE,
  HASH_BYTES,
  leafHash,
  nodeHash,
  type ReadTile,
  type Tree,
  tilePath,
  tileWidth,
} from '@countersign/shared/tlog';

export const entry = (index: number): Uint8Array => new TextEncoder().encode(`entry ${index}`);

export class LogInMemory {
  tree: Tree = EMPTY_TREE;
  readonly files = new Map<string, Uint8Array>();
  readonly leaves: Uint8Array[] = [];
  /** The paths that were read. */
  readonly read: string[] = [];

  /** Appends so many entries at once and stores what has changed. */
  grow(count: number): void {
    this.growBy(Array.from({ length: count }, (_, at) => leafHash(entry(this.leaves.length + at))));
  }

  growBy(added: readonly Uint8Array[]): void {
    const { tree, tiles } = append(this.tree, added);
    for (const tile of tiles) this.files.set(tilePath(tile), tile.bytes);
    this.tree = tree;
    this.leaves.push(...added);
  }

  readTile: ReadTile = async (level, index, width) => {
    const path = tilePath({ level, index, width });
    this.read.push(path);
    return this.files.get(path);
  };

  /** As a log of which the partial tiles of smaller sizes are still there: they are the beginnings of what there is now. */
  readWider: ReadTile = async (level, index, width) => {
    const stored = tileWidth(this.tree.size, level, index);
    const tile = await this.readTile(level, index, stored);
    return tile instanceof Uint8Array ? tile.subarray(0, width * HASH_BYTES) : tile;
  };
}

/** A log of so many entries that kept the partial tiles of every size on the way: one entry was appended at a time. */
export function logOfEverySize(size: number): LogInMemory {
  const log = new LogInMemory();
  for (let count = 0; count < size; count++) log.grow(1);
  return log;
}

/**
 * The root as RFC 6962, section 2.1, writes it down, and the proofs as sections 2.1.1 and 2.1.2 do: by
 * recursion, without any tile. Roots that were computed are remembered, or thousands of sizes would take hours.
 */
export class NaiveTree {
  private readonly known = new Map<string, Uint8Array>();
  private readonly leaves: readonly Uint8Array[];

  constructor(leaves: readonly Uint8Array[]) {
    this.leaves = leaves;
  }

  root(from: number, to: number): Uint8Array {
    const [leaf] = this.leaves.slice(from, from + 1);
    if (leaf === undefined) throw new RangeError('MTH of nothing');
    if (to - from === 1) return leaf;
    const key = `${from}-${to}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const k = from + largestPowerBelow(to - from);
    const root = nodeHash(this.root(from, k), this.root(k, to));
    this.known.set(key, root);
    return root;
  }

  /** PATH(m, D[from:to]) with m counted from `from`. */
  path(m: number, from: number, to: number): Uint8Array[] {
    if (to - from === 1) return [];
    const k = largestPowerBelow(to - from);
    return m < k
      ? [...this.path(m, from, from + k), this.root(from + k, to)]
      : [...this.path(m - k, from + k, to), this.root(from, from + k)];
  }

  /** SUBPROOF(m, D[from:to], b) with m counted from `from`. */
  subproof(m: number, from: number, to: number, b: boolean): Uint8Array[] {
    const n = to - from;
    if (m === n) return b ? [] : [this.root(from, to)];
    const k = largestPowerBelow(n);
    return m <= k
      ? [...this.subproof(m, from, from + k, b), this.root(from + k, to)]
      : [...this.subproof(m - k, from + k, to, false), this.root(from, from + k)];
  }
}

function largestPowerBelow(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1);
}
