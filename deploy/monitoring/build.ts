/** `node deploy/monitoring/build.ts`: writes both files from what stands beside this. A test holds them to it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { dashboard } from './dashboard.ts';
import { rules } from './rules.ts';

const head = '# Made by deploy/monitoring/build.ts from rules.ts beside it: change it there.\n';

/** The files, by name. */
export const files: Readonly<Record<string, string>> = {
  'grafana-dashboard.json': `${JSON.stringify(dashboard, null, 2)}\n`,
  'prometheus-rules.yml': `${head}${stringify(rules, { lineWidth: 0 })}`,
};

if (import.meta.main)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(import.meta.dirname, name), text);
