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

/**
 * The middle of these numbers, and the bounds between which the middle of ever more of them would lie with 95 %
 * probability: the order statistics at half the count less and plus its root. Of fewer than six, how far they reach.
 */
export function medianOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((left, right) => left - right);
  const { median, low, high } = spreadOf(sorted);
  const below = Math.floor(sorted.length / 2 - 0.98 * Math.sqrt(sorted.length)) - 1;
  return { median, low: sorted[below] ?? low, high: sorted[sorted.length - 1 - below] ?? high };
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
