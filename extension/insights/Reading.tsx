import type { FigureRow } from '@countersign/shared/contracts';
import { say } from '../words/say.ts';

/** What an approval rate means, in a word, and why in a sentence. "Unknown" is an answer. */
export function Reading({ reading }: { reading: FigureRow['reading'] }) {
  return (
    <span class={`reading ${reading.reading}`} title={say(`because_${reading.because}`)}>
      {say(`reading_${reading.reading}`)}
      <span class="aside">: {say(`because_${reading.because}`)}</span>
    </span>
  );
}

/** The colour of its bar goes with it. */
export const toneOf = ({ reading }: FigureRow['reading']): string => reading;
