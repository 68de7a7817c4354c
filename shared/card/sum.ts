/** Adding amounts as people do: 0.1 and 0.2 are 0.3. */

/** The sum of amounts, exact to the most decimals that any of them is written with, six at most. */
export function sumOf(amounts: readonly number[]): number {
  const decimals = Math.min(6, Math.max(0, ...amounts.map(decimalsOf)));
  const unit = 10 ** decimals;
  return amounts.reduce((sum, amount) => sum + Math.round(amount * unit), 0) / unit;
}

function decimalsOf(amount: number): number {
  const [mantissa = '', exponent = '0'] = String(amount).split('e');
  return (mantissa.split('.')[1]?.length ?? 0) - Number(exponent);
}
