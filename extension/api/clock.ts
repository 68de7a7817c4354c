/**
 * The server's clock, as far as the `Date` headers of its answers tell: deadlines are the server's, and a
 * laptop that is minutes off must not show "expired" on a request that is open.
 */
let ahead = 0;

/** `Date` has whole seconds and the answer took time to come, so less than this is noise. */
const noise = 3_000;

/** Takes note of an answer's `Date` header. */
export function noteServerDate(header: string | null, here = Date.now()): void {
  const there = header === null ? Number.NaN : Date.parse(header);
  if (Number.isNaN(there)) return;
  const difference = there - here;
  ahead = Math.abs(difference) < noise ? 0 : difference;
}

/** Milliseconds since 1970 by the server's clock. */
export function serverNow(): number {
  return Date.now() + ahead;
}
