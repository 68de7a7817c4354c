import { useState } from 'preact/hooks';

/** What a reviewer has opened of one card. None of it leaves this page, and none of it is kept. */
export type Looks = {
  /** Everything was asked for at once: all lines, all long texts. */
  whole: boolean;
  /** Paths of long values that were unfolded. */
  unfolded: ReadonlySet<string>;
  /** Paths of covered values that were uncovered. */
  uncovered: ReadonlySet<string>;
  showWhole: () => void;
  unfold: (path: string) => void;
  uncover: (path: string) => void;
};

/** Remembers what was opened for as long as the card is on the screen. */
export function useLooks(): Looks {
  const [whole, setWhole] = useState(false);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const [uncovered, setUncovered] = useState<ReadonlySet<string>>(new Set());
  return {
    whole,
    unfolded,
    uncovered,
    showWhole: () => setWhole(true),
    unfold: (path) => setUnfolded((before) => new Set([...before, path])),
    uncover: (path) => setUncovered((before) => new Set([...before, path])),
  };
}
