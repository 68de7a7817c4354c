/**
 * Names of people never enter the log: a pseudonym stands for each, and which one it is stands beside the log, where it
 * can be erased. What was sealed stays as it is and stays provable; who it was is gone.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Disk } from '../disk/disk.ts';

const path = 'names.json';

type Known = { pseudonym: string; salt: string };
type Stored = { version: 1; people: Record<string, Known> };

export type Names = {
  /** The same for the same person until they are erased. */
  pseudonymOf(person: string): string;
  /** The pseudonym of a person who has one; undefined for everyone else. */
  find(person: string): string | undefined;
  /** Who it is; undefined for one that was erased. */
  personOf(pseudonym: string): string | undefined;
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

/** Reads the names of a workspace. */
export async function openNames(disk: Disk): Promise<Names> {
  const text = await disk.read(path);
  const stored =
    text === undefined ? { people: {} } : (JSON.parse(Buffer.from(text).toString('utf8')) as Stored);
  const people = new Map(Object.entries(stored.people));
  const byPseudonym = new Map([...people].map(([person, known]) => [known.pseudonym, person]));
  let changed = false;

  async function write(): Promise<void> {
    const all: Stored = { version: 1, people: Object.fromEntries(people) };
    await disk.write([{ path, bytes: `${JSON.stringify(all)}\n` }]);
  }

  return {
    pseudonymOf(person) {
      const known = people.get(person);
      if (known !== undefined) return known.pseudonym;
      const salt = randomBytes(16).toString('base64url');
      const made = { pseudonym: pseudonym(person, salt), salt };
      people.set(person, made);
      byPseudonym.set(made.pseudonym, person);
      changed = true;
      return made.pseudonym;
    },
    find: (person) => people.get(person)?.pseudonym,
    personOf: (known) => byPseudonym.get(known),
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
