/** Strict JSON in, canonical JSON (RFC 8785) out. Free of Node, so that the extension and the SDK share it. */
export { canonicalize, canonicalizeParsed } from './canonicalize.ts';
export { ARGS_PREFIX, type Digest } from './digest.ts';
export { checkJson, type Json, type JsonCheck, type JsonObject, MAX_DEPTH, type ValueCode } from './json.ts';
export { MAX_BYTES, type ParseCode, type ParseResult, parseStrict } from './parse.ts';
