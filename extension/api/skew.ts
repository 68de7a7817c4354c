/** Which of the two is behind, the server or this extension. */

/** The version of the HTTP contract that this extension was written for. */
export const spokenContract = 1;

export type Skew = 'older' | 'newer';

/**
 * What the server is, compared with this extension; null where they fit.
 *
 * @param told what `GET /v1/me` said; null for a server from before it said anything
 */
export function skewOf(told: number | null): Skew | null {
  if (told === spokenContract) return null;
  return told === null || told < spokenContract ? 'older' : 'newer';
}
