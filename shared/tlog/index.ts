/**
 * The transparency log's pure part: RFC 6962 trees in C2SP tiles, signed notes, checkpoints, proofs. Nothing but
 * `node:crypto`: no file, no clock, no chance. Expected failures are values with a code.
 */
export {
  type Checkpoint,
  type CheckpointCode,
  openCheckpoint,
  parseCheckpoint,
  printCheckpoint,
  signCheckpoint,
} from './checkpoint.ts';
export { emptyRoot, HASH_BYTES, leafHash, nodeHash, sameHash } from './hash.ts';
export { MAX_NOTE_BYTES, MAX_SIGNATURES, type NoteCode, type OpenNote, openNote, signNote } from './note.ts';
export {
  isKeyName,
  type KeyCode,
  parseSignerKey,
  parseVerifierKey,
  printSignerKey,
  printVerifierKey,
  type SignerKey,
  signerKey,
  type VerifierKey,
} from './note-key.ts';
export { type ProofCode, parseProof, printProof, type TlogProof, verifyProof } from './proof.ts';
export { consistencyProof, inclusionProof } from './prove.ts';
export { provenTiles } from './proven-tiles.ts';
export { type BundleCode, readBundle } from './read-bundle.ts';
export { orFull, type ReadTile, type TileCode } from './read-tile.ts';
export type { Fault, Result } from './result.ts';
export {
  type BundleName,
  bundlePath,
  edgeTiles,
  type ParsedPath,
  parseTilePath,
  TILE_WIDTH,
  type TileName,
  tilePath,
  tileWidth,
} from './tile-path.ts';
export { decodeBundle, decodeTile, encodeBundle, encodeTile, MAX_ENTRY_BYTES } from './tiles.ts';
export { timeIn, timeLine } from './time-line.ts';
export { append, EMPTY_TREE, restoreTree, rootOf, type Tile, type Tree, treeRoot } from './tree.ts';
export {
  type Consistency,
  type ConsistencyCode,
  type Inclusion,
  type InclusionCode,
  verifyConsistency,
  verifyInclusion,
} from './verify.ts';
