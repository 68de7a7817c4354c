import type { ProvenEntry } from '../audit/entry-proof.ts';
import { inert, quoted } from './inert.ts';

/** An entry that was proven: where it stands and under which signature, then all that it says. */
export function renderProvenEntry({ entry, ...where }: ProvenEntry, columns: number): string[] {
  const { index, origin, size, signed_at } = where;
  const about = typeof entry.request_id === 'string' ? ` of ${inert(entry.request_id)}` : '';
  const when = signed_at === undefined ? '' : `, signed at ${new Date(signed_at).toISOString()}`;
  return [
    `✓ ${inert(String(entry.type))}${about} is entry ${index} of ${inert(origin)}.`,
    `  Under its checkpoint over ${size.toLocaleString('en')} entries${when}.`,
    ...quoted(JSON.stringify(entry, null, 2), columns),
  ];
}
