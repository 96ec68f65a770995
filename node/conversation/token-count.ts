/** Beyond any context or answer, and so small that a year of such counts still adds up exactly. */
const tokenCountMax = 1_000_000_000;

/**
 * A count of tokens as an upstream says it: whole, from 0 on. Undefined for what cannot be one, since limits, budgets and
 * sums add these numbers up: a negative one would give back what others used, and JSON's 1e999 is infinite.
 */
export function tokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= tokenCountMax ? Math.floor(value) : undefined;
}
