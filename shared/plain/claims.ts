/** Something that an agent may say as one text or as a list of texts; anything else counts as not said. */
export function spokenClaim(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.trim() === '' ? [] : [claim];
  if (!Array.isArray(claim)) return [];
  return claim.filter((item) => typeof item === 'string' && item.trim() !== '');
}

/** The transcript as turns; an excerpt in one piece is a turn without a speaker. */
export function turnsOf(transcript: unknown): { role: string; text: string }[] {
  if (typeof transcript === 'string') return transcript === '' ? [] : [{ role: '', text: transcript }];
  if (!Array.isArray(transcript)) return [];
  return transcript.flatMap((turn: unknown) => {
    if (typeof turn !== 'object' || turn === null || !('text' in turn) || typeof turn.text !== 'string')
      return [];
    return [{ role: 'role' in turn && typeof turn.role === 'string' ? turn.role : '', text: turn.text }];
  });
}
