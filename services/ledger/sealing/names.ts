/**
 * Names of people never enter the log: a pseudonym stands for each, and which one it is stands beside the log, where it
 * can be erased. What was sealed stays as it is and stays provable; who it was is gone.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Disk } from '../disk/disk.ts';

const path = 'names.json';

/** `last` is the UTC day on which it was last used. */
type Known = { pseudonym: string; salt: string; last: string };
type Stored = { version: 1; people: Record<string, Omit<Known, 'last'> & { last?: string }> };

export type Names = {
  /** The same for the same person until they are erased. `at` is when they are named, ms. */
  pseudonymOf(person: string, at?: number): string;
  /** The pseudonym of a person who has one; undefined for everyone else. */
  find(person: string): string | undefined;
  /** Who it is; undefined for one that was erased. */
  personOf(pseudonym: string): string | undefined;
  /** Whom nothing has named since a time, ms: to the day, and never a day too early. */
  unusedSince(time: number): string[];
  /** Resolves when what was given out so far is certain: before anything is sealed that uses it. */
  save(): Promise<void>;
  /** Forgets a person; `false` where nobody knew them. Should they come again they get another pseudonym. */
  erase(person: string): Promise<boolean>;
};

/** Salted, so that nobody finds out by trying names once the salt is erased. */
function pseudonym(person: string, salt: string): string {
  const digest = createHash('sha256').update(`countersign/name/v1\n${salt}\n${person}`).digest('base64url');
  return `p_${digest.slice(0, 22)}`;
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/**
 * Reads the names of a workspace.
 *
 * @param now ms: what counts as used today, where nobody noted when it was, or says when it is
 */
export async function openNames(disk: Disk, now = Date.now()): Promise<Names> {
  const text = await disk.read(path);
  const stored =
    text === undefined ? { people: {} } : (JSON.parse(Buffer.from(text).toString('utf8')) as Stored);
  const today = dayOf(now);
  const people = new Map<string, Known>(
    Object.entries(stored.people).map(([person, known]) => [person, { last: today, ...known }]),
  );
  const byPseudonym = new Map([...people].map(([person, known]) => [known.pseudonym, person]));
  let changed = Object.values(stored.people).some(({ last }) => last === undefined);

  async function write(): Promise<void> {
    const all: Stored = { version: 1, people: Object.fromEntries(people) };
    await disk.write([{ path, bytes: `${JSON.stringify(all)}\n` }]);
  }

  return {
    pseudonymOf(person, at = now) {
      const known = people.get(person);
      const day = dayOf(at);
      if (known !== undefined) {
        if (day > known.last) {
          known.last = day;
          changed = true;
        }
        return known.pseudonym;
      }
      const salt = randomBytes(16).toString('base64url');
      const made = { pseudonym: pseudonym(person, salt), salt, last: day };
      people.set(person, made);
      byPseudonym.set(made.pseudonym, person);
      changed = true;
      return made.pseudonym;
    },
    find: (person) => people.get(person)?.pseudonym,
    personOf: (known) => byPseudonym.get(known),
    unusedSince: (time) => [...people].flatMap(([person, { last }]) => (last < dayOf(time) ? [person] : [])),
    async save() {
      if (!changed) return;
      // What is given out while it is being written is for the next time.
      changed = false;
      await write();
    },
    async erase(person) {
      const known = people.get(person);
      if (known === undefined) return false;
      people.delete(person);
      byPseudonym.delete(known.pseudonym);
      await write();
      return true;
    },
  };
}
