import type { ExchangeName } from './exchanges.ts';

/** Where and what to ask. */
export interface LoadAim {
  readonly port: number;
  readonly exchange: ExchangeName;
  readonly headers: Readonly<Record<string, string>>;
}

/** N connections, each asking again as soon as it is answered: finds the highest rate. */
export interface ClosedLoad extends LoadAim {
  readonly kind: 'closed';
  readonly connections: number;
  readonly seconds: number;
}

/** Requests at fixed times, whether or not earlier ones are answered: finds the latency at a rate. */
export interface OpenLoad extends LoadAim {
  readonly kind: 'open';
  readonly requestsPerSecond: number;
  readonly seconds: number;
}

export type LoadOrder = ClosedLoad | OpenLoad;

/** What came of it. Histograms are HdrHistograms of microseconds, compressed, in base64. */
export interface LoadOutcome {
  readonly requests: number;
  /** Requests that reached the upstream meanwhile: shows who answers by itself. */
  readonly upstreamRequests: number;
  /** Content events of streamed answers. */
  readonly events: number;
  /** Answers that were not 200, broken off or never came, each with the first of its kind in words. */
  readonly errors: number;
  readonly firstError: string | undefined;
  readonly seconds: number;
  /** CPU time that the load side (upstream and clients) took, in seconds. */
  readonly cpuSeconds: number;
  /** From the intended time of sending to the last byte. */
  readonly latency: string;
  /** From the intended time of sending to the first event; of streamed answers only. */
  readonly firstEvent: string;
}

/** Child to parent. */
export type LoadReport =
  | { readonly kind: 'ready'; readonly upstreamPort: number }
  | { readonly kind: 'outcome'; readonly outcome: LoadOutcome }
  | { readonly kind: 'failed'; readonly reason: string };
