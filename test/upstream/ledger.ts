/** What the upstream saw: counts for ever, the last requests in full. */
export interface UpstreamTotals {
  requests: number;
  /** By path, e.g. `/v1/messages`. */
  byPath: Record<string, number>;
  /** Requests that were refused by validation or script (status 400 and above). */
  refused: number;
  /** Requests whose client went away before the answer was out (our own resets are not counted). */
  aborted: number;
  connections: number;
  openConnections: number;
  /** Answers being delivered now, and the most there ever were. */
  inFlight: number;
  inFlightMax: number;
  /** Usage of all answers that began. */
  tokens: { uncached: number; cacheRead: number; cacheWrite: number; output: number; reasoning: number };
  contentEvents: number;
}

export interface RecordedRequest {
  method: string;
  /** Path with query, as it came. */
  path: string;
  /** As they came: name, value, name, value … in the sender's order and case. */
  rawHeaders: string[];
  headers: Record<string, string | undefined>;
  body: Buffer;
  /** The body as JSON; undefined when it is none. */
  json: unknown;
  /** The credential that was sent, without its scheme. */
  key: string | undefined;
  /** Serial number of the connection it came on. */
  connection: number;
  /** Status answered; 0 while there is none. */
  status: number;
  aborted: boolean;
  /** Which rule the request broke, where the vendor's answer does not say. */
  complaint?: string;
}

/** Requests kept. Enough for any one test. */
const requestsMax = 512;
/** Bytes of bodies kept together, so that a load test does not fill the memory. */
const bodyBytesMax = 64 * 1024 * 1024;

interface Waiter {
  isTrue: () => boolean;
  resolve: () => void;
}

export class Ledger {
  readonly totals: UpstreamTotals = {
    requests: 0,
    byPath: {},
    refused: 0,
    aborted: 0,
    connections: 0,
    openConnections: 0,
    inFlight: 0,
    inFlightMax: 0,
    tokens: { uncached: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 },
    contentEvents: 0,
  };
  readonly requests: RecordedRequest[] = [];
  #bodyBytes = 0;
  #waiters: Waiter[] = [];

  record(request: RecordedRequest): void {
    this.requests.push(request);
    this.#bodyBytes += request.body.length;
    while (this.requests.length > requestsMax || (this.#bodyBytes > bodyBytesMax && this.requests.length > 1)) {
      this.#bodyBytes -= this.requests.shift()?.body.length ?? 0;
    }
  }

  /** Forgets requests and sets all counts to zero, but for what is open now. */
  clear(): void {
    const { openConnections, inFlight } = this.totals;
    Object.assign(this.totals, new Ledger().totals, { openConnections, inFlight });
    this.requests.length = 0;
    this.#bodyBytes = 0;
  }

  /** Something changed: those who wait for a state look again. */
  changed(): void {
    if (this.#waiters.length === 0) return;
    const ready = this.#waiters.filter((waiter) => waiter.isTrue());
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const waiter of ready) waiter.resolve();
  }

  /** Resolves once `isTrue` holds; looks after every change. Rejects after `timeoutMs`. */
  until(isTrue: () => boolean, timeoutMs: number): Promise<void> {
    if (isTrue()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        isTrue,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(new Error(`the upstream did not see it within ${timeoutMs} ms: ${isTrue.toString()}`));
      }, timeoutMs);
      this.#waiters.push(waiter);
    });
  }
}
