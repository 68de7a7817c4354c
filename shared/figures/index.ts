/** The figures by which oversight is watched, each with its n, its interval and its "too few to say" (docs/oversight.md). Pure. */
export { addCounts, type Count, type Interval } from './count.ts';
export { CATCH_DRIFT, type CusumWeights, cusumOf, cusumWeights, stepCusum } from './cusum.ts';
export { type Difference, differenceOf } from './difference.ts';
export { CAUGHT, fourWay, NEARLY_ALL, type Reading, type ReadingReason } from './four-way.ts';
export { type HowMissed, howMissed, type Misses, OFTEN_TOO_FAST } from './how-missed.ts';
export { LEAST, type TooFew, tooFew } from './least.ts';
export { BUSY, type Load, loadOf, type Watch } from './load.ts';
export { asWatched, type Rate, rateOf } from './rate.ts';
export { FASTEST_WORDS_A_MINUTE, isTooFast, leastReadingMs } from './reading-time.ts';
export {
  EARLY_MS,
  isLate,
  SESSION_PAUSE_MS,
  type Session,
  sessionAt,
  sessionDrift,
} from './session.ts';
export { signatureOf } from './signature.ts';
export { type Spike, spikeOf } from './spike.ts';
export { NO_STREAK, type Streak, stepStreak, streakChance } from './streak.ts';
export { watched } from './watched.ts';
export { wilson } from './wilson.ts';
export { countWords, novelWords, totalWords, type WordCounts, wordsOf } from './words.ts';
export { sampleFor, zeroBadBound } from './zero-bad.ts';
