/** What is erasable: the agent's words and the arguments, one write-once key per version. */
import type { Json, JsonObject, Link, Preview } from '../contracts/index.ts';
import type { RuleHit } from '../policy/index.ts';

/** What the agent said with its proposal. Version 1 only. */
export type Said = {
  context?: JsonObject;
  reason?: string;
  preview?: Preview;
  transcript?: Json;
  resume?: Json;
  args_schema?: JsonObject;
  links?: Link[];
};

export type Payload = {
  args: JsonObject;
  /** Random, so that the commitment in the log says nothing once the payload is erased. */
  salt: string;
  /** The rules with the values their conditions saw. */
  why: RuleHit[];
  said?: Said;
};

/** The words of one question or answer. The salt is there for the same reason. */
export type Words = { text: string; salt: string };

/** The payloads of one request that a view needs: as proposed, and as it stands. Absent when erased. */
export type Payloads = {
  first: Payload | undefined;
  current: Payload | undefined;
  outcome_detail?: Json;
  /** Of questions under their ids, of answers under `answerField`. Absent where nobody asked. */
  words?: Record<string, Words>;
};

/** Where the words of an answer lie beside those of its question. */
export const answerField = (question: string): string => `${question}:answer`;
