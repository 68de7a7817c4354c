/**
 * How long until a time, in words of a person: `4 min 10 s left`.
 *
 * @param until RFC 3339; null for never
 * @param now milliseconds since 1970
 */
export function timeLeft(until: string | null, now: number): string {
  if (until === null) return 'no deadline';
  const seconds = Math.ceil((Date.parse(until) - now) / 1000);
  if (seconds <= 0) return 'time over';
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours >= 48) return `${Math.floor(hours / 24)} days left`;
  if (hours > 0) return `${hours} h ${minutes} min left`;
  if (minutes >= 10) return `${minutes} min left`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s left` : `${seconds} s left`;
}
