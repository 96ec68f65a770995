import { isFault, type Fault } from '../../../kit/fault.ts';
import type {
  KeptPrompt,
  KeySum,
  PruneLimits,
  StoreBatch,
  Trace,
  TraceQuery,
  UsageQuery,
  UsageRow,
} from '../contract.ts';
import { storeFaults } from '../faults.ts';
import { errcodeOf, sqliteCodes } from '../sqlite-errors.ts';

/** What the threads of the store are asked, and what they answer. Times are given along, as threads have no clock. */
export interface WriterCalls {
  write(batch: StoreBatch, nowMs: number): void;
  prune(limits: PruneLimits, nowMs: number): { traces: number; usage: number; prompts: number };
  /** Makes or opens the file. */
  open(nowMs: number): void;
}

export interface ReaderCalls {
  usage(query: UsageQuery): UsageRow[];
  traces(query: TraceQuery): Trace[];
  trace(requestId: string): Trace | undefined;
  prompt(requestId: string): KeptPrompt | undefined;
  sums(node: string, fromMs: number): KeySum[];
  size(): { bytes: number; traces: number };
  backupTo(path: string): void;
}

/** Of the two threads of SQLite, or of the one that speaks with PostgreSQL. */
export type Role = 'writer' | 'reader' | 'postgres';

/** Given to a thread at its start. */
export interface ThreadData {
  readonly role: Role;
  /** Of the file; the URL of a server. */
  readonly path: string;
  /** Longest question, milliseconds. */
  readonly questionTimeoutMs: number;
}

export interface ThreadRequest {
  readonly id: number;
  /** `close`: closes the file and ends the thread. */
  readonly call: keyof WriterCalls | keyof ReaderCalls | 'close';
  readonly arguments: readonly unknown[];
}

export type ThreadAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: SentError }
  /** A damaged file was given another name. */
  | { readonly movedTo: string; readonly error: SentError };

/** An error on its way between threads, which would lose its class and codes. */
export interface SentError {
  readonly code: keyof typeof storeFaults;
  readonly message: string;
  readonly cause: { readonly message: string; readonly errcode: number | undefined } | undefined;
}

/** Any error as a Fault of this room. What SQLite refuses by its content is refused again however often it is tried. */
export function sentErrorOf(error: unknown): SentError {
  if (isStoreFault(error)) return { code: error.code, message: error.message, cause: causeOf(error.cause) };
  const isRefused = refusedCodes.has(errcodeOf(error)) || error instanceof TypeError || error instanceof RangeError;
  return isRefused
    ? { code: 'store_batch_refused', message: 'The store does not take what it was given.', cause: causeOf(error) }
    : { code: 'store_unavailable', message: 'The store of traces and usage failed.', cause: causeOf(error) };
}

const refusedCodes: ReadonlySet<number | undefined> = new Set([
  sqliteCodes.tooBig,
  sqliteCodes.constraint,
  sqliteCodes.mismatch,
]);

function isStoreFault(error: unknown): error is Fault & { code: SentError['code'] } {
  return isFault(error) && error.code in storeFaults;
}

function causeOf(error: unknown): SentError['cause'] {
  if (error === undefined) return undefined;
  return { message: error instanceof Error ? error.message : String(error), errcode: errcodeOf(error) };
}

/** The Fault again, on the other side. */
export function receivedFault({ code, message, cause }: SentError): Fault {
  const detail =
    cause === undefined ? {} : { cause: Object.assign(new Error(cause.message), { errcode: cause.errcode }) };
  return storeFaults[code](cause === undefined ? message : `${message} ${cause.message}`, detail);
}
