/**
 * A verifier as a stranger would write it from docs/audit-format.md: it imports none of our code, so that an error
 * which writer and verifier of ours share does not pass.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';

/** What a place answers for a path: bytes, or nothing. */
export type Place = (path: string) => Uint8Array | undefined;

/** Where a check failed; the numbers are those of the page's "What to check, in which order". */
export type Verdict = { ok: true; size: number; root: string } | { ok: false; step: number; what: string };

class Refused extends Error {
  readonly step: number;

  constructor(step: number, what: string) {
    super(what);
    this.step = step;
  }
}

function demand(condition: boolean, step: number, what: string): asserts condition {
  if (!condition) throw new Refused(step, what);
}

const sha256 = (...parts: (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const leafOf = (entry: Uint8Array) => sha256(Buffer.of(0), entry);
const nodeOf = (left: Uint8Array, right: Uint8Array) => sha256(Buffer.of(1), left, right);

function unbase64(text: string, step: number): Buffer {
  const bytes = Buffer.from(text, 'base64');
  demand(bytes.toString('base64') === text, step, 'base64');
  return bytes;
}

/** The page's one pass: a list of (height, hash), joined from the end. */
function rootOfLeaves(leaves: readonly Uint8Array[]): Buffer {
  const list: { height: number; hash: Uint8Array }[] = [];
  for (const leaf of leaves) {
    let entry = { height: 0, hash: leaf };
    for (let last = list.at(-1); last?.height === entry.height; last = list.at(-1)) {
      list.pop();
      entry = { height: entry.height + 1, hash: nodeOf(last.hash, entry.hash) };
    }
    list.push(entry);
  }
  const last = list.pop();
  if (last === undefined) return sha256();
  return Buffer.from(list.reduceRight((right, { hash }) => nodeOf(hash, right), last.hash));
}

function readKey(line: string) {
  const [name = '', id = '', ...rest] = line.split('+');
  const bytes = unbase64(rest.join('+'), 1);
  demand(bytes.length === 33 && bytes[0] === 1, 1, 'algorithm');
  demand(sha256(`${name}\n`, bytes).toString('hex').startsWith(id) && id.length === 8, 1, 'key id');
  const x = bytes.subarray(1).toString('base64url');
  return { name, id, key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }) };
}

/** The size and root of a checkpoint that the key has signed, and when it says that this was. */
function readCheckpoint(
  note: Uint8Array,
  verifierKey: string,
): { size: number; root: Buffer; time: string | undefined } {
  const { name, id, key } = readKey(verifierKey);
  const text = Buffer.from(note).toString('utf8');
  demand(Buffer.from(text).equals(note) && text.endsWith('\n'), 2, 'text');
  const split = text.lastIndexOf('\n\n');
  demand(split >= 0, 2, 'no empty line');
  const signed = text.slice(0, split + 1);
  let good = false;
  for (const line of text.slice(split + 2, -1).split('\n')) {
    const [dash, signer, signature = '', more] = line.split(' ');
    demand(dash === '—' && more === undefined, 2, 'signature line');
    const bytes = unbase64(signature, 2);
    if (signer !== name || bytes.subarray(0, 4).toString('hex') !== id) continue;
    demand(verify(null, Buffer.from(signed), key, bytes.subarray(4)), 2, 'signature');
    good = true;
  }
  demand(good, 2, 'not signed by the key');
  const [origin, size = '', root = '', ...extensions] = signed.split('\n');
  demand(origin === name, 2, 'origin');
  demand(/^(0|[1-9]\d*)$/.test(size), 2, 'size');
  const bytes = unbase64(root, 2);
  demand(bytes.length === 32, 2, 'root');
  const time = extensions.find((line) => line.startsWith('time '))?.slice('time '.length);
  return { size: Number(size), root: bytes, time };
}

const pathOf = (kind: string, index: number, width: number): string => {
  let groups = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    groups = `x${String(rest % 1000).padStart(3, '0')}/${groups}`;
  }
  return `tile/${kind}/${groups}${width === 256 ? '' : `.p/${width}`}`;
};

/** All hashes of one level, cut as the tiles are. */
function readLevel(place: Place, level: number, count: number): Buffer[] {
  const hashes: Buffer[] = [];
  for (let index = 0; index * 256 < count; index++) {
    const width = Math.min(256, count - index * 256);
    const path = pathOf(String(level), index, width);
    const bytes = place(path);
    demand(bytes?.length === width * 32, 4, path);
    for (let at = 0; at < width; at++) hashes.push(Buffer.from(bytes.subarray(at * 32, at * 32 + 32)));
  }
  return hashes;
}

/**
 * All steps of the page but 6, which is about what entries say.
 *
 * @param kept what the verifier knows beside the log: checkpoints of earlier runs, and how old the newest one may be
 */
export function verifyLog(
  place: Place,
  verifierKey: string,
  kept: { earlier?: Uint8Array[]; notBefore?: string } = {},
): Verdict {
  try {
    readKey(verifierKey);
    const checkpoint = place('checkpoint');
    demand(checkpoint !== undefined, 2, 'no checkpoint');
    const { size, root, time } = readCheckpoint(checkpoint, verifierKey);
    if (kept.notBefore !== undefined) {
      demand(time !== undefined && Date.parse(time) >= Date.parse(kept.notBefore), 3, `signed at ${time}`);
    }

    const levels: Buffer[][] = [];
    for (let count = size; count > 0; count = Math.floor(count / 256)) {
      levels.push(readLevel(place, levels.length, count));
    }
    // At the edge: of each level what is in its partial tile, joined from the right.
    let right: Buffer | undefined;
    for (const hashes of levels) {
      const edge = hashes.slice(hashes.length - (hashes.length % 256));
      for (let at = edge.length, bit = 1; at > 0; bit *= 2) {
        if ((edge.length & bit) === 0) continue;
        const left = rootOfLeaves(edge.slice(at - bit, at));
        right = right === undefined ? left : nodeOf(left, right);
        at -= bit;
      }
    }
    demand((right ?? sha256()).equals(root), 4, 'the tiles at the right edge');
    for (const [level, hashes] of [...levels.entries()].reverse()) {
      for (let index = 0; (index + 1) * 256 <= hashes.length; index++) {
        const above = levels[level + 1]?.[index];
        const full = rootOfLeaves(hashes.slice(index * 256, index * 256 + 256));
        demand(above?.equals(full) === true, 4, pathOf(String(level), index, 256));
      }
    }

    for (let index = 0; index * 256 < size; index++) {
      const width = Math.min(256, size - index * 256);
      const path = pathOf('entries', index, width);
      const bundle = place(path);
      demand(bundle !== undefined, 5, path);
      let at = 0;
      for (let n = index * 256; n < index * 256 + width; n++) {
        demand(at + 2 <= bundle.length, 5, `entry ${n}`);
        const length = (bundle[at] ?? 0) * 256 + (bundle[at + 1] ?? 0);
        const entry = bundle.subarray(at + 2, at + 2 + length);
        demand(entry.length === length && levels[0]?.[n]?.equals(leafOf(entry)) === true, 5, `entry ${n}`);
        at += 2 + length;
      }
      demand(at === bundle.length, 5, path);
    }
    for (const note of kept.earlier ?? []) {
      const before = readCheckpoint(note, verifierKey);
      demand(before.size <= size, 7, `${before.size} entries were signed before`);
      const first = rootOfLeaves((levels[0] ?? []).slice(0, before.size));
      demand(first.equals(before.root), 7, `another history of ${before.size} entries was signed`);
    }
    return { ok: true, size, root: root.toString('hex') };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, step: error.step, what: error.message };
    throw error;
  }
}

/** Whether a `.tlog-proof` shows that this entry is in the log of the key. */
export function verifyProofFile(file: string, entry: Uint8Array, verifierKey: string): boolean {
  try {
    const [head = '', ...rest] = file.split('\n\n');
    const lines = head.split('\n').filter((line) => !line.startsWith('extra '));
    demand(lines.shift() === 'c2sp.org/tlog-proof@v1', 0, 'header');
    const index = Number(/^index (0|[1-9]\d*)$/.exec(lines.shift() ?? '')?.[1] ?? Number.NaN);
    const proof = lines.map((line) => unbase64(line, 0));
    const { size, root } = readCheckpoint(Buffer.from(rest.join('\n\n')), verifierKey);
    demand(index < size, 0, 'index');
    let [fn, sn, r] = [index, size - 1, leafOf(entry)];
    const halve = () => {
      fn = Math.floor(fn / 2);
      sn = Math.floor(sn / 2);
    };
    for (const p of proof) {
      demand(sn !== 0, 0, 'too long');
      if (fn % 2 === 1 || fn === sn) {
        r = nodeOf(p, r);
        while (fn % 2 === 0 && fn !== 0) halve();
      } else r = nodeOf(r, p);
      halve();
    }
    return sn === 0 && r.equals(root);
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}
