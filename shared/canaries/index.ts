/** Canaries as policy files and intake both read them: whether what is wrong with a call can be seen in it. Pure. */
export { type Call, difficultyOf, names, withValue } from './contradiction.ts';
