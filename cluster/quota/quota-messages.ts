/** What members say to each other about units. */
import type { NodeId } from '../membership/contract.ts';
import { quotaFaults } from './faults.ts';
import type { Spends } from './held-loan.ts';
import { amountMax, keptLoansMax, nameLengthMax } from './limits.ts';

export interface BorrowQuestion {
  readonly bucket: string;
  readonly wanted: number;
  /** The borrower's number for the loan. */
  readonly id: number;
}

export interface BorrowAnswer {
  /** 0: there is nothing to lend. */
  readonly amount: number;
  /** From the asking on, by the clock of whoever reads it; undefined without a window. */
  readonly lifeMs: number | undefined;
  /** When there may be more. */
  readonly againMs: number;
}

export interface ReturnMessage {
  readonly bucket: string;
  readonly id: number;
  readonly spends: Spends;
}

/** Loans without a window that a borrower has of the asker. */
export interface HeldAnswer {
  readonly loans: readonly { readonly bucket: string; readonly id: number; readonly amount: number }[];
  /** There are more than are told. */
  readonly isMore: boolean;
}

/** What a node says of itself to all. */
export interface Statement {
  /** Every bucket here counts by this configuration. */
  readonly said: string | undefined;
  /** Former voters whose takings bind this node. */
  readonly takenOut: readonly NodeId[];
  /** It began a short while ago, and nothing was written down before. */
  readonly isBlank: boolean;
  /** Names its process. */
  readonly epoch: number;
  /** The first process of each voter that it has heard of. */
  readonly known: ReadonlyMap<NodeId, number>;
}

/** Steps of a loan's life, and room for versions to come. */
const spendsMax = 64;
const votersMax = 200;
/** Where voters are whoever is alive, their names. */
const stampMax = 1024;
const msMax = 2 ** 32;

export function encodeBorrow({ bucket, wanted, id }: BorrowQuestion): unknown {
  return { b: bucket, w: wanted, i: id };
}

export function readBorrow(body: unknown): BorrowQuestion {
  const { b, w, i } = fields(body);
  return { bucket: readBucket(b), wanted: Math.max(1, readAmount(w)), id: readId(i) };
}

export function encodeBorrowAnswer({ amount, lifeMs, againMs }: BorrowAnswer): unknown {
  return { a: amount, l: lifeMs ?? null, t: Math.ceil(againMs) };
}

/** Undefined when it is none: then it counts for nothing. */
export function readBorrowAnswer(body: unknown): BorrowAnswer | undefined {
  if (!isObject(body)) return undefined;
  const { a, l, t } = body;
  if (!isAmount(a) || !isMs(t) || !(l === null || l === undefined || isMs(l))) return undefined;
  return { amount: a, lifeMs: l ?? undefined, againMs: t };
}

export function encodeReturn({ bucket, id, spends }: ReturnMessage): unknown {
  return { b: bucket, i: id, s: spends };
}

export function readReturn(body: unknown): ReturnMessage {
  const { b, i, s } = fields(body);
  if (!Array.isArray(s) || s.length > spendsMax) throw malformed('Not a list of spends.');
  return { bucket: readBucket(b), id: readId(i), spends: s.map(readSpend) };
}

export function encodeHeld({ loans, isMore }: HeldAnswer): unknown {
  return { l: loans.map(({ bucket, id, amount }) => [bucket, id, amount]), m: isMore };
}

/** Undefined when it is none. */
export function readHeld(body: unknown): HeldAnswer | undefined {
  const l = isObject(body) ? body['l'] : undefined;
  if (!isObject(body) || !Array.isArray(l) || l.length > keptLoansMax) return undefined;
  const loans: { bucket: string; id: number; amount: number }[] = [];
  for (const each of l as unknown[]) {
    const [bucket, id, amount] = Array.isArray(each) ? (each as unknown[]) : [];
    if (!isBucket(bucket) || !isAmount(id) || !isAmount(amount)) return undefined;
    loans.push({ bucket, id, amount });
  }
  return { loans, isMore: body['m'] === true };
}

export function encodeStatement({ said, takenOut, isBlank, epoch, known }: Statement): unknown {
  return { c: said ?? null, o: takenOut, b: isBlank, e: epoch, k: Object.fromEntries(known) };
}

/** A member that says nothing, or nonsense, counts by nothing. */
export function readStatement(value: unknown): Statement | undefined {
  if (!isObject(value)) return undefined;
  const { c, o, b, e, k } = value;
  const takenOut = Array.isArray(o) ? o.slice(0, votersMax).filter((each) => typeof each === 'string') : [];
  return {
    said: typeof c === 'string' && c.length <= stampMax ? c : undefined,
    takenOut,
    isBlank: b === true,
    epoch: isAmount(e) ? e : 0,
    known: new Map(Object.entries(isObject(k) ? k : {}).filter((pair): pair is [NodeId, number] => isAmount(pair[1]))),
  };
}

/** Free units and the time until nothing counts, as others say it of a bucket; undefined when it is no such thing. */
export function readHint(value: unknown): { readonly free: number; readonly resetMs: number } | undefined {
  const [free, resetMs] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof free !== 'number' || !(Math.abs(free) <= amountMax) || !isMs(resetMs)) return undefined;
  return { free, resetMs };
}

function readSpend(value: unknown): readonly [number, number] {
  const [agoMs, amount] = Array.isArray(value) ? (value as unknown[]) : [];
  if (!isMs(agoMs)) throw malformed('Not a time.');
  return [agoMs, readAmount(amount)];
}

function readBucket(value: unknown): string {
  if (isBucket(value)) return value;
  throw malformed('Not the name of a bucket.');
}

function readAmount(value: unknown): number {
  if (isAmount(value)) return value;
  throw malformed('Not a number of units.');
}

function readId(value: unknown): number {
  if (isAmount(value)) return value;
  throw malformed('Not the number of a loan.');
}

function isBucket(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= nameLengthMax;
}

/** Whole, not negative, and far from where sums lose units. */
function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= amountMax;
}

function isMs(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= msMax;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fields(value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  throw malformed('Not a message.');
}

function malformed(message: string): Error {
  return quotaFaults.bad_quota_message(message);
}
