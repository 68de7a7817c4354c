/** What the page of figures shows, as it stands in the address: `#/insights?days=90&team=finance`. Pure. */

export const spans = [7, 30, 90] as const;

/** `part`: the page behind it, `#/insights/suggestions`. */
export type View = { days: (typeof spans)[number]; team?: string; part?: 'suggestions' };

export const usual: View = { days: 30 };

/** Reads the part of an address behind its `?`, and what stood before it. */
export function readView(query: string, part?: string): View {
  const written = new URLSearchParams(query);
  const days = spans.find((span) => String(span) === written.get('days')) ?? usual.days;
  const team = written.get('team')?.slice(0, 200);
  return {
    days,
    ...(team ? { team } : {}),
    ...(part === 'suggestions' ? { part } : {}),
  };
}

/** Writes it; empty for the usual one. */
export function viewQuery({ days, team }: View): string {
  return new URLSearchParams({
    ...(days === usual.days ? {} : { days: String(days) }),
    ...(team === undefined ? {} : { team }),
  }).toString();
}

/** Since when: whole hours, so that the same is asked for within one. */
export function since({ days }: View, now: number): string {
  const hour = 3_600_000;
  return new Date(Math.floor(now / hour) * hour - days * 24 * hour).toISOString();
}
