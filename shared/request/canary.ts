/**
 * Canaries: requests that were planted to measure attention, and that can never run (law 10). On record they are a type
 * of their own: what issues tokens takes `AgentMade` only, and a planted request is none.
 */
import type { MutationKind, Verdict } from '../contracts/index.ts';
import type { RequestRecord } from './record.ts';

/** What is wrong with a planted request, without any value of its arguments: those are payloads. */
export type Planted = {
  kind: MutationKind;
  /** Dotted path of the argument that is wrong. */
  path: string;
  /** `plain`: what contradicts it stands in the agent's reason or summary; `buried`: deeper. */
  difficulty: Difficulty;
  /** The id of the request that it was made of, or `library/` and the name of a canary that somebody wrote. */
  source: string;
  /** Who answered it first, and how. Absent where nobody did before its end. */
  answer?: { by: string; at: number; verdict: Verdict; args_digest: string; caught: boolean };
};

/** How deep one has to read to catch it. */
export type Difficulty = 'plain' | 'buried';

/** A request that was planted. */
export type PlantedRequest = RequestRecord & { planted: Planted };
/** A request that an agent made: the only kind that may ever run. */
export type AgentMade = RequestRecord & { planted?: never };

export function isPlanted(request: RequestRecord): request is PlantedRequest {
  return request.planted !== undefined;
}

export function isAgentMade(request: RequestRecord): request is AgentMade {
  return request.planted === undefined;
}
