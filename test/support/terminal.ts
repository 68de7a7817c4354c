import { join } from 'node:path';
import type { ExitCode } from '../../cli/exit-code.ts';
import { runCommand } from '../../cli/program.ts';
import type { Terminal } from '../../cli/terminal/terminal.ts';

export type Ran = { code: ExitCode; out: string; err: string };

/**
 * Runs one command in this process, as somebody at a terminal would.
 *
 * @param terminal what differs from a script's terminal: no person, no environment, no colours
 */
export async function countersign(argv: readonly string[], terminal: Partial<Terminal> = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(argv, join(import.meta.dirname, '..', '..'), {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    ask: async () => '',
    interactive: false,
    columns: 100,
    color: false,
    env: {},
    interrupted: () => new Promise(() => {}),
    ...terminal,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
