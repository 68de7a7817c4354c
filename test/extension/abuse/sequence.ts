/** Random sequences of what hands, cats, scripts and bad moments do to a card. The same ones at every run. */
import fc from 'fast-check';

/** The keys that can approve: the shortcut, and what presses a focused button. */
export type ApproveKey = 'a' | 'Enter' | ' ';

export type Input =
  /** The pointer stands where Approve is, or was, and clicks. */
  | { kind: 'clicks'; times: number; gap: number }
  | { kind: 'press' }
  | { kind: 'release' }
  /** Moves off the button, down or up. */
  | { kind: 'wander' }
  | { kind: 'strike'; key: ApproveKey; times: number; gap: number }
  /** Goes down, repeats, comes up; or comes up only when something else has happened meanwhile. */
  | { kind: 'hold'; key: ApproveKey; repeats: number; during: Disturbance | null }
  | { kind: 'tab'; times: number; key: 'Enter' | ' ' }
  | { kind: 'key'; key: 'e' | 'r' | 'Escape' | 'z' | '?' }
  | Disturbance
  | { kind: 'wait'; milliseconds: number };

/** What changes the card, or takes it away, under the pointer. */
export type Disturbance =
  | { kind: 'next' | 'previous' }
  /** A link to another of the sequence's requests is followed. */
  | { kind: 'open'; which: number }
  /** The agent proposes something new. */
  | { kind: 'arrives' }
  /** A colleague edits what is on the screen, which makes a new version. */
  | { kind: 'edited' }
  | { kind: 'look_again' }
  /** The window loses the focus, and gets it back after so many milliseconds. */
  | { kind: 'window'; away: number }
  /** A script puts the focus on Approve. */
  | { kind: 'focus_stolen' };

const approveKey = fc.constantFrom<ApproveKey>('a', 'Enter', ' ');
const gap = fc.constantFrom(0, 0, 15, 40, 90);

const disturbance: fc.Arbitrary<Disturbance> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('next' as const, 'previous' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('open' as const), which: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'arrives' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'edited' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'look_again' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('window' as const), away: fc.nat({ max: 60 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'focus_stolen' as const }) },
);

const input: fc.Arbitrary<Input> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('clicks' as const),
      times: fc.integer({ min: 1, max: 8 }),
      gap,
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'press' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'release' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'wander' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('strike' as const),
      key: approveKey,
      times: fc.integer({ min: 1, max: 4 }),
      gap,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('hold' as const),
      key: approveKey,
      repeats: fc.nat({ max: 6 }),
      during: fc.option(disturbance),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('tab' as const),
      times: fc.integer({ min: 1, max: 9 }),
      key: fc.constantFrom('Enter' as const, ' ' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('key' as const),
      key: fc.constantFrom('e' as const, 'r' as const, 'Escape' as const, 'z' as const, '?' as const),
    }),
  },
  { weight: 6, arbitrary: disturbance },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      milliseconds: fc.constantFrom(20, 150, 420, 480, 520, 560),
    }),
  },
);

/** So many sequences, of 4 to 12 inputs each. */
export function sequences(count: number): Input[][] {
  return fc.sample(fc.array(input, { minLength: 4, maxLength: 12, size: 'max' }), {
    numRuns: count,
    seed: 20_261_121,
  });
}
