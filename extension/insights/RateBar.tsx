import type { Estimate } from '@countersign/shared/contracts';
import { say } from '../words/say.ts';
import { notSaid, rangeText, shareText } from './numbers.ts';

/** A share as a dot on its interval, and in figures beside it. `from` is where its axis begins; it ends at 1. */
export function RateBar({ rate, from, tone }: { rate: Estimate; from: number; tone: string }) {
  if (!rate.enough) return <span class="unsaid">{notSaid(rate)}</span>;
  const place = (share: number) => `${(Math.max(0, (share - from) / (1 - from)) * 100).toFixed(2)}%`;
  const width = Math.max(0, rate.high - Math.max(from, rate.low)) / (1 - from);
  return (
    <span class={`rate ${tone}`}>
      <span class="axis" aria-hidden="true">
        <i style={{ left: place(rate.low), width: `${(width * 100).toFixed(2)}%` }} />
        <b style={{ left: place(rate.rate) }} />
      </span>
      <span class="value">
        {shareText(rate.rate)} <small>{rangeText(rate.low, rate.high)}</small>
        <span class="aside">{say('figure_interval')}</span>
      </span>
    </span>
  );
}

/** Where an axis for these begins: 80 % where all are above, else the next ten below the lowest. */
export function axisFrom(rates: readonly Estimate[]): number {
  const lows = rates.flatMap((rate) => (rate.enough ? [rate.low] : []));
  return Math.max(0, Math.min(0.8, Math.floor(Math.min(1, ...lows) * 10) / 10));
}
