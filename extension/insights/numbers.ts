/** Numbers of figures as they are read. Pure, but for the reader's language. */
import type { Estimate, Spread } from '@countersign/shared/contracts';
import { language, say } from '../words/say.ts';

/** "91 %", "99.5 %": what is near an end keeps a decimal, so that it is not rounded to all or nothing. */
export function shareText(share: number): string {
  const close = share > 0 && share < 1 && (share < 0.02 || share > 0.98);
  return new Intl.NumberFormat(language(), {
    style: 'percent',
    maximumFractionDigits: close ? 1 : 0,
  }).format(close ? Math.min(0.999, Math.max(0.001, share)) : share);
}

/** "88–93 %". */
export function rangeText(low: number, high: number): string {
  const number = (share: number) =>
    new Intl.NumberFormat(language(), { maximumFractionDigits: share > 0.98 && share < 1 ? 1 : 0 }).format(
      share * 100,
    );
  return `${number(low)}–${shareText(high)}`;
}

/** "0.8 s", "21 s", "4 min", "3 h". */
export function timeText(ms: number): string {
  const unit = (value: number, name: 'second' | 'minute' | 'hour', digits: number) =>
    new Intl.NumberFormat(language(), {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    }).format(value);
  if (ms < 10_000) return unit(ms / 1_000, 'second', 1);
  if (ms < 120_000) return unit(ms / 1_000, 'second', 0);
  if (ms < 7_200_000) return unit(ms / 60_000, 'minute', 0);
  return unit(ms / 3_600_000, 'hour', 1);
}

/** "0.4×". */
export function timesText(times: number): string {
  return `${new Intl.NumberFormat(language(), { maximumSignificantDigits: 2 }).format(times)}×`;
}

export function countText(count: number): string {
  return new Intl.NumberFormat(language()).format(count);
}

/** Why a figure is not said: too few, and how many it takes; or that it would be about persons. */
export function notSaid(figure: Exclude<Estimate | Spread, { enough: true }>): string {
  return 'hidden' in figure ? say('figure_hidden') : say('figure_too_few', figure.n, figure.needed);
}
