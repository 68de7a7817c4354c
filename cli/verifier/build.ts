/**
 * `npm run build:verifier`: the verifier as one file, `dist/countersign-verify.mjs`, for Node 20.12 and newer. The same
 * sources give the same bytes, so that whoever is handed the file can build it too and compare.
 */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const name = 'countersign-verify.mjs';
const root = join(import.meta.dirname, '../..');
const dir = resolve(process.argv[2] ?? join(root, 'dist'));

await build({
  configFile: false,
  root,
  logLevel: 'warn',
  // Everything but Node itself goes in.
  ssr: { noExternal: true },
  build: {
    ssr: join(import.meta.dirname, 'main.ts'),
    outDir: dir,
    emptyOutDir: false,
    target: 'node20',
    // It is meant to be read.
    minify: false,
    rolldownOptions: {
      treeshake: { moduleSideEffects: false },
      output: {
        entryFileNames: name,
        banner: '#!/usr/bin/env node\n// Countersign’s audit log verifier: docs/audit-format.md. Apache-2.0.',
      },
    },
  },
});
const file = join(dir, name);
console.log(`${file}\nSHA-256 ${hash('sha256', readFileSync(file), 'hex')}`);
