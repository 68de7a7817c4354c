/** Options that may hold a secret: `@file` instead of the text keeps it out of the history and the list of processes. */
import { readFile } from 'node:fs/promises';
import { inert } from '../terminal/inert.ts';

export type GivenText = { ok: true; text: string } | { ok: false; message: string };

/**
 * What was given, or what stands in the file that it names, without the line ends behind it.
 *
 * @param option for the message where the file can not be read: `--secret`
 */
export async function givenText(option: string, given: string): Promise<GivenText> {
  if (!given.startsWith('@')) return { ok: true, text: given };
  const file = given.slice(1);
  try {
    return { ok: true, text: (await readFile(file, 'utf8')).replace(/[\r\n]+$/, '') };
  } catch {
    return { ok: false, message: `${option}: there is no file ${inert(file)} that can be read.` };
  }
}
