/** A histogram whose counts were made elsewhere: the library's own can only observe one value after the other. */
import { Histogram, type Registry } from 'prom-client';

/** Counts bucket by bucket, the last of which has no upper end; `sum` in the unit of the bounds. */
export type Counted = { labels: Record<string, string>; counts: readonly number[]; sum: number };

/** Shows what it was given last, as Prometheus wants it: buckets that hold those below them, their sum and their number. */
export class SummedHistogram extends Histogram<string> {
  readonly #about: { name: string; help: string; bounds: readonly number[] };
  #counted: readonly Counted[] = [];

  /** @param bounds upper ends */
  constructor(name: string, help: string, bounds: readonly number[], registry: Registry) {
    super({ name, help, buckets: [...bounds], registers: [registry] });
    this.#about = { name, help, bounds };
  }

  show(counted: readonly Counted[]): void {
    this.#counted = counted;
  }

  /** What the registry prints. */
  async getForPromString() {
    const { name, help, bounds } = this.#about;
    const values = this.#counted.flatMap(({ labels, counts, sum }) => {
      let below = 0;
      const buckets = counts.map((n, at) => {
        below += n;
        return {
          metricName: `${name}_bucket`,
          labels: { ...labels, le: bounds[at] ?? '+Inf' },
          value: below,
        };
      });
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: below },
      ];
    });
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }
}
