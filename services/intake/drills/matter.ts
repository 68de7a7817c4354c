/** What one card is made of, whether it comes from history or from a library: the call as it is right, and one fault. Pure. */
import type { JsonObject } from '@countersign/shared/contracts';
import type { LibraryCanary, PolicyAnswer } from '@countersign/shared/policy';
import type { Loaded, Payload } from '@countersign/shared/request';
import { mutationsIn } from '../canaries/choose.ts';
import type { Draw, Mutation } from '../canaries/mutate.ts';
import type { Proposal } from '../lifecycle/command.ts';
import type { Current } from '../workspace/workspaces.ts';
import { askedOfHistory, askedOfLibrary } from './asked.ts';

/** The one thing that may be wrong, and policy's answers to the call with and without it. */
export type Faulty = { fault: Mutation; wrong: PolicyAnswer; right: PolicyAnswer };

export type Matter = {
  /** Where it is found again: a request's id, or `library:` and a name. */
  of: string;
  call: Pick<Proposal, 'agent' | 'tool' | 'key_id' | 'owner' | 'context_trusted' | 'requested_by' | 'cost'>;
  args: JsonObject;
  said: NonNullable<Payload['said']>;
  /** Where to look, in somebody's own words. */
  look?: string;
  /** Undefined where nothing about it could be wrong that shows, or policy would not ask a human with it and without. */
  faulty(draw: Draw, current: Current): Faulty | undefined;
};

/** Of a call of history; undefined where its words were erased. */
export function ofHistory(source: Loaded): Matter | undefined {
  const { record, payloads } = source;
  const { agent, tool, key_id, owner, context_trusted, requested_by, cost } = record;
  const args = payloads.current?.args;
  if (args === undefined) return undefined;
  const { resume: _nobody, ...said } = payloads.first?.said ?? {};
  return {
    of: record.id,
    call: {
      ...{ agent, tool, key_id, owner, context_trusted },
      ...(requested_by === undefined ? {} : { requested_by }),
      ...(cost === undefined ? {} : { cost }),
    },
    args,
    said,
    faulty(draw, current) {
      const right = askedOfHistory(source, args, current);
      if (right === undefined) return undefined;
      for (const fault of mutationsIn(source, draw)) {
        const wrong = askedOfHistory(source, fault.args, current);
        if (wrong !== undefined) return { fault, wrong, right };
      }
      return undefined;
    },
  };
}

export const libraryItem = (name: string): string => `library:${name}`;

/** Of a card that somebody has written. */
export function ofLibrary(card: LibraryCanary): Matter {
  const { name, agent, tool, args, said, look, kind, path, wrong, right, difficulty, wrongArgs } = card;
  const fault: Mutation = { kind, path, args: wrongArgs, wrong, right, difficulty };
  return {
    of: libraryItem(name),
    // No key speaks for it and nobody owns it, so it is nobody's own request.
    call: { agent, tool, key_id: '', owner: '', context_trusted: true },
    args,
    said,
    look,
    faulty: (_draw, current) => ({ fault, ...askedOfLibrary(card, current) }),
  };
}
