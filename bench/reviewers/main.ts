/**
 * `npm run study:reviewers`: simulated reviewers of known skill on a real agent's calls, read by the shipped figures.
 * Writes the tables between the marks in docs/oversight.md and the curves beside it. Some four minutes. Same seeds, same
 * numbers. `node bench/reviewers/main.ts FILE` takes the calls from elsewhere.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { recordedConversations, recordedFile } from './calls.ts';
import { detectionCurves, powerCurves } from './curves.ts';
import { studyOf } from './results.ts';
import { driftTable, namesTable } from './tables.ts';

const conversations = recordedConversations(process.argv[2] ?? recordedFile);
if (conversations === undefined)
  throw new Error(`the recorded calls are not at ${recordedFile.pathname}: name their file`);

const docs = new URL('../../docs/', import.meta.url);
const results = studyOf(conversations, (done) => console.error(done));
writeFileSync(new URL('img/oversight-detection.svg', docs), detectionCurves(results));
writeFileSync(new URL('img/oversight-power.svg', docs), powerCurves());

const page = new URL('oversight.md', docs);
const text = readFileSync(page, 'utf8');
const replaced = [
  { mark: 'names', block: namesTable(results) },
  { mark: 'drift', block: driftTable() },
].reduce((now, { mark, block }) => between(now, mark, block), text);
writeFileSync(page, replaced);

/** Replaces what stands between `<!-- mark -->` and `<!-- /mark -->`. */
function between(now: string, mark: string, block: string): string {
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [from, to] = [now.indexOf(begin), now.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/oversight.md has no place for ${mark}`);
  return `${now.slice(0, from + begin.length)}\n${block}\n${now.slice(to)}`;
}
