/** Shorter ones are not taken. What is made by `openssl rand -hex 32` has 64 characters. */
const lengthMin = 16;
/** Of a million random secrets of 16 hexadecimal digits none had less than 30; rows and near-repetitions have under 20. */
const bitsMin = 24;

/**
 * Why a secret is too easy to guess, or undefined. Whoever can dial a node may test guesses against what it answers, so
 * the secret has to be random. That cannot be measured; what is plainly not random can: repetition, few characters,
 * rising or falling rows.
 */
export function secretWeakness(secret: string): string | undefined {
  const codes = [...secret].map((character) => character.codePointAt(0) ?? 0);
  if (codes.length < lengthMin) return `it has fewer than ${lengthMin} characters`;
  const unit = codes.slice(0, periodOf(codes));
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  const isRegular = unit.length < lengthMin || bitsOf(codes) < bitsMin || bitsOf(steps) < bitsMin;
  return isRegular ? 'it is too regular' : undefined;
}

/** Length of the shortest piece that, repeated (the last time possibly cut short), gives the whole. */
function periodOf(codes: readonly number[]): number {
  for (let period = 1; period <= codes.length / 2; period++) {
    if (codes.every((code, index) => index < period || code === codes[index - period])) return period;
  }
  return codes.length;
}

/** Shannon's entropy of the values' frequencies, for all of them together. */
function bitsOf(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / values.length);
  return bits;
}
