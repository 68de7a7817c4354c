/**
 * `npm run build -w sdk`: the package as it is published, in `dist/`: JavaScript and declarations, with its own
 * package.json. The contract's types are written out in full, so that who installs it needs neither our sources nor zod.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const dist = join(here, 'dist');
const contracts = '@countersign/shared/contracts';
/** `token.ts` is for gateways inside this repository: it would bring jose and zod along. */
const left = ['build.ts', 'token.ts'];
const modules = readdirSync(here).filter((name) => name.endsWith('.ts') && !left.includes(name));

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
writeFileSync(join(dist, 'contracts.ts'), flattened(namesFromContracts()));
compile();
renameSync(join(dist, 'dist', 'contracts.d.ts'), join(dist, 'contracts.d.ts'));
for (const name of ['dist', 'contracts.ts', 'tsconfig.json']) rmSync(join(dist, name), { recursive: true });
for (const name of readdirSync(dist)) if (name.endsWith('.d.ts')) selfContained(join(dist, name));
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
copyFileSync(join(here, 'README.md'), join(dist, 'README.md'));

/** What the sdk takes from the contract. */
function namesFromContracts(): string[] {
  const names = modules.flatMap((name) => {
    const text = readFileSync(join(here, name), 'utf8');
    const taken = text.matchAll(/(?:import|export) type \{([^}]*)\} from '@countersign\/shared\/contracts'/g);
    return [...taken].flatMap((match) => (match[1] ?? '').split(',').map((each) => each.trim()));
  });
  return [...new Set(names)].filter((name) => name !== '' && name !== 'Json' && name !== 'JsonObject');
}

/** A module whose declarations spell each type out: the compiler prints the type of a value in full. */
function flattened(names: readonly string[]): string {
  return `import type * as contracts from '${contracts}';
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
type Flat<T> = unknown extends T ? T : Named<T, Json, Named<T, JsonObject, Parts<T>>>;
type Named<T, Name, Else> = [Name] extends [T] ? ([T] extends [Name | undefined] ? Name | Extract<T, undefined> : Else) : Else;
type Parts<T> = T extends object ? { [K in keyof T]: Flat<T[K]> } : T;
declare function spelled<T>(): Flat<T>;
${names.map((name) => `export const ${name} = spelled<contracts.${name}>();`).join('\n')}
`;
}

function compile(): void {
  const options = {
    extends: '../../tsconfig.json',
    compilerOptions: {
      noEmit: false,
      allowImportingTsExtensions: false,
      rewriteRelativeImportExtensions: true,
      declaration: true,
      outDir: '.',
      rootDir: '..',
    },
    include: [],
    files: [...modules.map((name) => `../${name}`), 'contracts.ts'],
  };
  writeFileSync(join(dist, 'tsconfig.json'), JSON.stringify(options));
  execFileSync('tsc', ['-p', dist], { stdio: 'inherit' });
}

function selfContained(path: string): void {
  const text = readFileSync(path, 'utf8')
    .replaceAll(/^import type \* as contracts.*\n/gm, '')
    .replaceAll(`'${contracts}'`, "'./contracts.js'")
    .replaceAll(/from '(\.\/[^']+)\.ts'/g, "from '$1.js'")
    .replaceAll(
      /^export declare const (\w+): /gm,
      path.endsWith('contracts.d.ts') ? 'export type $1 = ' : '$&',
    );
  writeFileSync(path, text);
}

function manifest() {
  const { name, version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  return {
    name,
    version,
    description: 'Human approval for AI agents: requireApproval, and a client.',
    license: 'Apache-2.0',
    type: 'module',
    engines: { node: '>=22' },
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
  };
}
