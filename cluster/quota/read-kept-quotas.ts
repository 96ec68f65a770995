import type { KeptCounts, KeptLoan, KeptQuotas, KeptStanding } from './contract.ts';

const states: ReadonlySet<unknown> = new Set(['running', 'stopped', 'unknown']);

/** Checks what a file said. Throws an Error in words for what no node of ours writes. */
export function readKeptQuotas(value: unknown): KeptQuotas {
  const { state, mayBeTakenOut, standing, marked, counts, loans } = fields(value);
  if (!states.has(state)) throw new Error('It has no state.');
  return {
    state: state as KeptQuotas['state'],
    mayBeTakenOut: mayBeTakenOut !== false,
    standing: readStanding(standing),
    marked: list(marked).map(readText),
    counts: list(counts).map(readCounts),
    loans: list(loans).map(readLoan),
  };
}

function readStanding(value: unknown): KeptStanding {
  const { eras, former, isAgreed, isSaid } = fields(value);
  return {
    eras: list(eras).map((era) => list(era).map(readText)),
    former: list(former).map((era) => list(era).map(readText)),
    isAgreed: isAgreed === true,
    isSaid: isSaid === true,
  };
}

function readCounts(value: unknown): KeptCounts {
  const { bucket, counts } = fields(value);
  return {
    bucket: readText(bucket),
    counts: list(counts).map((pair) => {
      const [leftMs, amount] = list(pair);
      return [readNumber(leftMs), readNumber(amount)] as const;
    }),
  };
}

function readLoan(value: unknown): KeptLoan {
  const { bucket, borrower, id, amount } = fields(value);
  return {
    bucket: readText(bucket),
    borrower: readText(borrower),
    id: readNumber(id),
    amount: readNumber(amount),
  };
}

function readText(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new Error('A name is missing.');
}

function readNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw new Error('A number is missing.');
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error('A list is missing.');
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error('It is no object.');
}
