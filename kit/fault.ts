/** Who caused a failure. */
export type FaultSource = 'client' | 'upstream' | 'node' | 'peer' | 'config';

/**
 * What may be done about it, decided where the failure is known:
 * `never` do not repeat; `other-account` repeat at another account; `after` repeat once `retryAfterMs` has passed
 * (at another account at once); `reused-socket` the kept-alive connection was stale, repeat at the same account.
 */
export type FaultRetry = 'never' | 'other-account' | 'after' | 'reused-socket';

/**
 * What the failure says about the account that served: nothing, a breaker failure, that it must rest (a 429), or that it
 * is of no use until a person has looked at it (suspended, not entitled).
 */
export type FaultPenalty = 'none' | 'breaker' | 'rest' | 'disable';

/** Whether the penalty holds for the whole account or only for the model that was asked. */
export type FaultScope = 'account' | 'model';

export interface FaultSpec {
  readonly source: FaultSource;
  readonly retry: FaultRetry;
  /** HTTP status for the client. */
  readonly status: number;
  readonly penalty?: FaultPenalty;
  /** One sentence for `docs/errors.md`. */
  readonly summary: string;
}

export interface FaultDetail {
  readonly retry?: FaultRetry;
  readonly status?: number;
  readonly retryAfterMs?: number;
  /** Path of the offending field, e.g. `messages[0].content`. */
  readonly field?: string;
  readonly penalty?: FaultPenalty;
  readonly scope?: FaultScope;
  /** Status that the upstream itself answered with. */
  readonly upstreamStatus?: number;
  readonly cause?: unknown;
}

/** The one error class. Messages are for people and never hold a secret or a prompt. */
export class Fault extends Error {
  readonly code: string;
  readonly source: FaultSource;
  readonly retry: FaultRetry;
  readonly status: number;
  readonly penalty: FaultPenalty;
  readonly scope: FaultScope;
  readonly retryAfterMs: number | undefined;
  readonly field: string | undefined;
  readonly upstreamStatus: number | undefined;

  constructor(code: string, spec: FaultSpec, message: string, detail: FaultDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'Fault';
    this.code = code;
    this.source = spec.source;
    this.retry = detail.retry ?? spec.retry;
    this.status = detail.status ?? spec.status;
    this.penalty = detail.penalty ?? spec.penalty ?? 'none';
    this.scope = detail.scope ?? 'account';
    this.retryAfterMs = detail.retryAfterMs;
    this.field = detail.field;
    this.upstreamStatus = detail.upstreamStatus;
  }
}

export type FaultMakers<T extends Record<string, FaultSpec>> = {
  readonly [Code in keyof T]: (message: string, detail?: FaultDetail) => Fault;
};

/** Turns a room's table of codes into one maker per code: `faults.no_available_accounts('…')`. */
export function defineFaults<T extends Record<string, FaultSpec>>(specs: T): FaultMakers<T> {
  const makers: Record<string, (message: string, detail?: FaultDetail) => Fault> = {};
  for (const [code, spec] of Object.entries(specs)) {
    makers[code] = (message, detail) => new Fault(code, spec, message, detail);
  }
  return makers as FaultMakers<T>;
}

/** Narrows an unknown thrown value; anything that is not a Fault is a bug and is wrapped by the caller. */
export function isFault(value: unknown): value is Fault {
  return value instanceof Fault;
}
