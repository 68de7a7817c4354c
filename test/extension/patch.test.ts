/** The difference that a lead takes away is one that `git apply` takes. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOf, patchOf } from '../../extension/suggestions/patch.ts';

test('a patch applies: new files and changed ones, in the folder of the workspace', () => {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-patch-'));
  try {
    const folder = folderOf('shop');
    mkdirSync(join(dir, folder), { recursive: true });
    // Without a last line's end, as some editors leave it.
    const before = 'version: 1\nrules:\n  - { name: a, effect: allow }';
    writeFileSync(join(dir, folder, 'a.yaml'), before);
    const long = Array.from({ length: 20 }, (_, n) => `# ${n}\n`).join('');
    writeFileSync(join(dir, folder, 'long.yaml'), long);
    const changes = [
      { path: 'a.yaml', before, text: `${before.replace('allow', 'deny')}\n` },
      { path: 'long.yaml', before: long, text: long.replace('# 9\n', '# nine\n# and a half\n') },
      { path: 'new.yaml', before: null, text: 'version: 1\nrules: []\n' },
    ];
    const patch = patchOf({ replaces: '', changes, files: [] }, folder);
    execFileSync('git', ['apply', '-'], { cwd: dir, input: patch });
    for (const { path, text } of changes) expect(readFileSync(join(dir, folder, path), 'utf8')).toBe(text);
    expect(patchOf({ replaces: '', changes: [], files: [] }, folder)).toBe('');
  } finally {
    rmSync(dir, { recursive: true });
  }
});
