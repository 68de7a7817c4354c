/** The least that an extension's popup can be: what the browser itself takes to open one, so that it is not counted as ours. */
import { createHash } from 'node:crypto';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type EmptyExtension = { dir: string; id: string; remove: () => Promise<void> };

/** Writes it into a folder of its own. Its popup puts one `article` on the page. */
export async function writeEmptyExtension(): Promise<EmptyExtension> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'countersign-empty-')));
  const manifest = {
    manifest_version: 3,
    name: 'Empty',
    version: '1',
    action: { default_popup: 'popup.html' },
  };
  const page = '<!doctype html><title>Empty</title><script type="module" src="popup.js"></script>';
  const script =
    "document.body.append(Object.assign(document.createElement('article'), { textContent: '.' }));";
  await writeFile(join(dir, 'manifest.json'), JSON.stringify(manifest));
  await writeFile(join(dir, 'popup.html'), page);
  await writeFile(join(dir, 'popup.js'), script);
  return { dir, id: idOf(dir), remove: () => rm(dir, { recursive: true, force: true }) };
}

/** The id that Chromium gives an unpacked extension: the first half of the SHA-256 of its folder, in letters a to p. */
function idOf(dir: string): string {
  const digest = createHash('sha256').update(dir).digest('hex').slice(0, 32);
  return digest.replace(/./g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 16)));
}
