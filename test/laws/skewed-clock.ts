/**
 * Loaded with `--import` into an intake: its own clock is ten minutes ahead of everyone's, or behind, as the file's
 * query says (`?ms=600000`). Redis's clock stays right.
 */
const skew = Number(new URL(import.meta.url).searchParams.get('ms'));
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...args: [] | [number | string | Date]) {
    super(...((args.length === 0 ? [RealDate.now() + skew] : args) as [number]));
  }
  static override now(): number {
    return RealDate.now() + skew;
  }
} as DateConstructor;
