/** A standing grant as it is stored: the next calls like one that a reviewer approved. Times are Redis time in ms. */

export type GrantRecord = {
  id: string;
  /** The reviewer who gave it, with their approval of this request. */
  by: string;
  request_id: string;
  /** Only calls of this agent, made with this key, to this tool. */
  agent: string;
  key_id: string;
  tool: string;
  /** The policy that allowed it: under any other it lets nothing through. */
  policy_digest: string;
  /** What calls it is for, as a digest: the same for all that are alike. Made of arguments, so it stays in Redis. */
  match: string;
  /** Paths whose values make calls alike; null: the same arguments. */
  per: string[] | null;
  calls: number;
  created_at: number;
  expires_at: number;
  /** The freeze epoch it was given under: any later freeze that meets its calls ends it. */
  freeze_epoch: number;
};

/** One call of a grant, used by a request that nobody was asked about. `use` counts from 1. */
export type GrantUse = { id: string; by: string; use: number };
