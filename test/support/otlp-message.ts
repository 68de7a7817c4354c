/**
 * Reads `ExportTraceServiceRequest` from its bytes, by the field numbers and types of
 * https://github.com/open-telemetry/opentelemetry-proto/blob/v1.9.0/opentelemetry/proto/trace/v1/trace.proto and the files
 * that it imports. Written apart from the exporter, and stricter than a receiver need be: what the definitions do not
 * have is a fault.
 */
type Type = 'string' | 'id' | 'bytes' | 'bool' | 'varint' | 'double' | 'fixed64' | 'fixed32' | Fields;
type Field = { name: string; type: () => Type; many?: true };
type Fields = Record<number, Field>;

export type Message = { [field: string]: unknown };

const one = (name: string, type: Type): Field => ({ name, type: () => type });
const message = (name: string, type: () => Fields): Field => ({ name, type });
const many = (name: string, type: () => Fields): Field => ({ name, type, many: true });

const anyValue: Fields = {
  1: one('string', 'string'),
  2: one('bool', 'bool'),
  3: one('int', 'varint'),
  4: one('double', 'double'),
  5: message('array', () => arrayValue),
  6: message('kvlist', () => keyValueList),
  7: one('bytes', 'bytes'),
};
const arrayValue: Fields = { 1: many('values', () => anyValue) };
const keyValue: Fields = { 1: one('key', 'string'), 2: message('value', () => anyValue) };
const keyValueList: Fields = { 1: many('values', () => keyValue) };
const attributes = many('attributes', () => keyValue);

const event: Fields = {
  1: one('time_unix_nano', 'fixed64'),
  2: one('name', 'string'),
  3: attributes,
  4: one('dropped_attributes_count', 'varint'),
};
const status: Fields = { 2: one('message', 'string'), 3: one('code', 'varint') };
const link: Fields = {
  1: one('trace_id', 'id'),
  2: one('span_id', 'id'),
  3: one('trace_state', 'string'),
  4: attributes,
  5: one('dropped_attributes_count', 'varint'),
  6: one('flags', 'fixed32'),
};
const span: Fields = {
  1: one('trace_id', 'id'),
  2: one('span_id', 'id'),
  3: one('trace_state', 'string'),
  4: one('parent_span_id', 'id'),
  5: one('name', 'string'),
  6: one('kind', 'varint'),
  7: one('start_time_unix_nano', 'fixed64'),
  8: one('end_time_unix_nano', 'fixed64'),
  9: attributes,
  10: one('dropped_attributes_count', 'varint'),
  11: many('events', () => event),
  12: one('dropped_events_count', 'varint'),
  13: many('links', () => link),
  14: one('dropped_links_count', 'varint'),
  15: message('status', () => status),
  16: one('flags', 'fixed32'),
};
const scope: Fields = {
  1: one('name', 'string'),
  2: one('version', 'string'),
  3: attributes,
  4: one('dropped_attributes_count', 'varint'),
};
const scopeSpans: Fields = {
  1: message('scope', () => scope),
  2: many('spans', () => span),
  3: one('schema_url', 'string'),
};
const resource: Fields = { 1: attributes, 2: one('dropped_attributes_count', 'varint') };
const resourceSpans: Fields = {
  1: message('resource', () => resource),
  2: many('scope_spans', () => scopeSpans),
  3: one('schema_url', 'string'),
};
const request: Fields = { 1: many('resource_spans', () => resourceSpans) };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The wire type that a field of this type has. */
function wireTypeOf(type: Type): number {
  if (type === 'varint' || type === 'bool') return 0;
  if (type === 'fixed64' || type === 'double') return 1;
  return type === 'fixed32' ? 5 : 2;
}

function read(bytes: Buffer, fields: Fields): Message {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('cut off');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = take(1)[0] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new Error('a varint does not end');
  };
  const readAs = (type: Type): unknown => {
    switch (type) {
      case 'varint':
        return Number(varint());
      case 'bool':
        return varint() === 1n;
      case 'fixed64':
        return take(8).readBigUInt64LE();
      case 'double':
        return take(8).readDoubleLE();
      case 'fixed32':
        return take(4).readUInt32LE();
      case 'id':
      case 'bytes':
        return take(Number(varint())).toString('hex');
      case 'string':
        return utf8.decode(take(Number(varint())));
      default:
        return read(take(Number(varint())), type);
    }
  };

  const found: Message = {};
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = fields[tag >> 3];
    if (field === undefined) throw new Error(`there is no field ${tag >> 3} beside ${Object.keys(found)}`);
    const type = field.type();
    if ((tag & 7) !== wireTypeOf(type)) throw new Error(`${field.name} has wire type ${tag & 7}`);
    const value = readAs(type);
    if (field.many) found[field.name] = [...((found[field.name] as unknown[] | undefined) ?? []), value];
    else if (field.name in found) throw new Error(`${field.name} is there twice`);
    else found[field.name] = value;
  }
  return found;
}

/** Reads the body of an export. Throws where it is not what the definitions say. */
export function readExport(bytes: Buffer): Message {
  return read(bytes, request);
}
