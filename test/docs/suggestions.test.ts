/** The table of docs/oversight-suggestions.md, computed anew from the real calls. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isThere, study, studyTable } from '../../bench/study-suggestions.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/oversight-suggestions.md'), 'utf8');

// The calls are not the project's to ship: without them this is skipped, and says so.
test.skipIf(!isThere)(
  'the study of suggestions comes to what the page says (needs ../shared/data/airline-tool-calls.jsonl)',
  { timeout: 120_000 },
  () => {
    const rows = study();
    expect(page).toContain(studyTable(rows));
    const [untuned, engine, lenient, uncorrected] = rows;
    // What the page says in words.
    expect(untuned?.stopped.low).toBe(1);
    expect([engine?.tuned, lenient?.tuned, uncorrected?.tuned]).toEqual([0, 0, 1]);
    expect(uncorrected?.stopped.middle).toBeLessThan(uncorrected?.byChance ?? 0);
  },
);
