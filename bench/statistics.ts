/** The middle of these numbers, and how far they reach. NaN of none. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? NaN;
  return { median: (upper + lower) / 2, low: sorted[0] ?? NaN, high: sorted.at(-1) ?? NaN };
}

/** `left[i] / right[i]` for each round, so that what disturbed a round disturbs both sides of its ratio. */
export function ratios(left: readonly number[], right: readonly number[]): number[] {
  return left.flatMap((value, round) => {
    const other = right[round];
    return other === undefined || other === 0 ? [] : [value / other];
  });
}

/** The value that so many per cent do not exceed, one of those given (nearest rank). NaN of none. */
export function percentileOf(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
}
