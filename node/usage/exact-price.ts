/** Nano-units in a unit of a currency. */
const nanoPerUnit = 1_000_000_000n;

/** Counts of tokens by kind; the kinds do not overlap. A count that is not known is absent. */
export interface TokenCounts {
  readonly prompt: number | undefined;
  readonly completion: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
}

/** Prices for `per` tokens, in whole units of a currency, as people write them. */
export interface TokenPrices extends TokenCounts {
  readonly per: number;
}

/**
 * Prices of one model, ready to multiply: nano-units as fractions over one divisor. Prices are the decimals that people
 * wrote, not their nearest binary fractions, and a cost is rounded once, over all kinds, half away from zero.
 */
export class ExactPrice {
  readonly #prompt: bigint;
  readonly #completion: bigint;
  readonly #cacheRead: bigint;
  readonly #cacheWrite: bigint;
  readonly #divisor: bigint;
  /** The same as numbers, where they are exact. */
  readonly #numbers: readonly [number, number, number, number, number] | undefined;

  /** Where reading from or writing to the cache has no price of its own, it costs what prompt tokens cost. */
  constructor({ prompt = 0, completion = 0, cacheRead = prompt, cacheWrite = prompt, per }: TokenPrices) {
    const decimals = [prompt, completion, cacheRead, cacheWrite].map(decimalOf);
    const places = Math.max(...decimals.map((each) => each.places));
    const scaled = decimals.map((each) => each.digits * 10n ** BigInt(places - each.places) * nanoPerUnit);
    const divisor = BigInt(per) * 10n ** BigInt(places);
    const common = scaled.reduce(greatestCommonDivisor, divisor);
    const reduced = scaled.map((each) => each / common);
    [this.#prompt = 0n, this.#completion = 0n, this.#cacheRead = 0n, this.#cacheWrite = 0n] = reduced;
    this.#divisor = divisor / common;
    const numbers = [...reduced, this.#divisor].map(Number);
    this.#numbers = numbers.every(Number.isSafeInteger)
      ? (numbers as [number, number, number, number, number])
      : undefined;
  }

  /** Whole nano-units; at most 2^53 - 1. */
  costNano(counts: TokenCounts): number {
    const { prompt = 0, completion = 0, cacheRead = 0, cacheWrite = 0 } = counts;
    if (this.#numbers !== undefined) {
      const [promptPrice, completionPrice, readPrice, writePrice, divisor] = this.#numbers;
      const sum = prompt * promptPrice + completion * completionPrice + cacheRead * readPrice + cacheWrite * writePrice;
      // Up to here every product and sum is exact: all are whole, none is negative, and none is above the sum.
      if (sum <= Number.MAX_SAFE_INTEGER) return roundedQuotient(sum, divisor);
    }
    return this.#slowCostNano(prompt, completion, cacheRead, cacheWrite);
  }

  #slowCostNano(prompt: number, completion: number, cacheRead: number, cacheWrite: number): number {
    const sum =
      BigInt(prompt) * this.#prompt +
      BigInt(completion) * this.#completion +
      BigInt(cacheRead) * this.#cacheRead +
      BigInt(cacheWrite) * this.#cacheWrite;
    const nano = (2n * sum + this.#divisor) / (2n * this.#divisor);
    return nano > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(nano);
  }
}

function roundedQuotient(sum: number, divisor: number): number {
  const rest = sum % divisor;
  const whole = (sum - rest) / divisor;
  return rest >= divisor - rest ? whole + 1 : whole;
}

interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

/** What a number says when it is written: 0.15 is 15 hundredths. Takes numbers from 0 on. */
function decimalOf(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const places = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [one, other] = [left, right];
  while (other > 0n) [one, other] = [other, one % other];
  return one;
}
