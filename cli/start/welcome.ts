import pc from 'picocolors';
import type { Started } from './started-file.ts';
import { KEY_NAMES } from './started-file.ts';

/** What a person sees once everything runs: where it is, who they may be, and what to do next. */
export function welcome(
  started: Started,
  { data, policies }: { data: string; policies: string },
  color: boolean,
): string[] {
  const { bold, dim } = pc.createColors(color);
  const keys = KEY_NAMES.map(
    (name) => `  ${name.padEnd(9)} ${started.people[name].padEnd(4)} ${started.keys[name]}`,
  );
  return [
    '',
    `${bold('Countersign runs at')} ${started.url}`,
    '',
    `${bold('Keys')} ${dim('(for development: any agent name, the same ones at the next start)')}`,
    ...keys,
    '',
    bold('Extension'),
    `  folder    ${started.extension_dir}`,
    `  connect   ${started.url}/#pair=${started.pair_code}`,
    '',
    bold('Next'),
    '  1. In Chrome: chrome://extensions, developer mode, "Load unpacked", choose the folder above.',
    '  2. Open the extension and paste the line at "connect"; or open that line in any browser, as a web page.',
    '  3. Let an agent ask: npm run demo, or',
    `     curl ${started.url}/v1/requests -H "authorization: Bearer ${started.keys.agent}" \\`,
    `       -d '{"agent":"demo","tool":"orders.process_refund","args":{"amount":120,"currency":"EUR"}}'`,
    '  4. Or decide right here: npx countersign queue, show ID, approve ID, reject ID --reason "…"',
    '',
    dim(`Policies ${policies}, data and log ${data}. Ctrl-C stops it; nothing is lost.`),
  ];
}
