/** Times of functions that take nanoseconds to microseconds. */
import { measure } from 'mitata';
import { median } from './figures.ts';

/** How often each function gets its turn, and for how long at least, ms. */
export type Pace = { rounds: number; milliseconds: number };

/** The median over the rounds of each function's median time, ns. They take turns, so that a slow moment of the machine meets all of them. */
export async function nanosecondsOf<Name extends string>(
  functions: Record<Name, () => unknown>,
  { rounds, milliseconds }: Pace,
): Promise<Record<Name, number>> {
  const names = Object.keys(functions) as Name[];
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const { p50 } = await measure(functions[name], { min_cpu_time: milliseconds * 1e6 });
      times.get(name)?.push(p50);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<
    Name,
    number
  >;
}
