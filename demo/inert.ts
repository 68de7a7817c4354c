/** Agents and reviewers write what they like; on a terminal it must stay text. */

/** One line in which every character is visible or a plain space: the rest is written out by its code. */
export function inert(text: string, most = 200): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const cut = [...line].length > most ? `${[...line].slice(0, most - 1).join('')}…` : line;
  return cut.replace(/[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/gu, (char) => {
    return `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}
