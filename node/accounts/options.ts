/** When an account, or one model of it, is taken out of the choice for failing. */
export interface BreakerOptions {
  enabled: boolean;
  /** Failures, less successes, that open it. */
  errorThreshold: number;
  /** Share of failures among the last requests that opens it, 0 to 1. */
  failureRate: number;
  /** Requests inside the window before the share says anything. */
  minRequests: number;
  /** How long it stays open before a trial. */
  recoveryMs: number;
  /** Length of the window that the share is taken over. */
  windowMs: number;
}

export const breakerDefaults: BreakerOptions = {
  enabled: true,
  errorThreshold: 5,
  failureRate: 0.6,
  minRequests: 10,
  recoveryMs: 300_000,
  windowMs: 60_000,
};

/** How long an account rests after a 429. */
export interface RestOptions {
  /** First rest when the upstream names no time; doubles with every further one in a row. */
  defaultMs: number;
  /** Upper bound whatever the upstream says: one was seen to park an account for 156 hours (CLIProxyAPI#4725). */
  restMsMax: number;
  /** While it rests, one request may try every so often, so that a rest that was overstated ends early. */
  trialEveryMs: number;
}

export const restDefaults: RestOptions = {
  defaultMs: 30_000,
  restMsMax: 3_600_000,
  trialEveryMs: 300_000,
};
