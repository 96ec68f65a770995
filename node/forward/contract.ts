import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { Random } from '../../kit/random.ts';
import type { CredentialPlaces, CredentialVerifier } from '../auth/contract.ts';
import type { AnswerCache } from '../cache/contract.ts';
import type { LimitGate } from '../limits/contract.ts';
import type { TrafficMeter } from '../metrics/contract.ts';
import type { ClientProtocol, ProtocolId } from '../protocols/contract.ts';
import type { RetryAllowance, Router, WaitingRoom } from '../routing/contract.ts';
import type { PriceBook, UsageRecorder } from '../usage/contract.ts';

/** Limits of the way through. Milliseconds and bytes. */
export interface ForwardOptions {
  nodeId: string;
  globalMaxConcurrency: number;
  /** Retries after the first attempt. */
  retryAttempts: number;
  /** Sending to first byte of the answer. */
  requestTimeoutMs: number;
  /** Between two chunks of an answer. */
  idleTimeoutMs: number;
  connectTimeoutMs: number;
  /** A stream's head is held back until its first content, at most this long, so that an early error can be retried. */
  firstEventTimeoutMs: number;
  /** A client hears something at least this often while an upstream thinks. */
  keepAliveIntervalMs: number;
  bodyBytesMax: number;
  /** Sum of all request bodies held at once. */
  heldBodiesBytesMax: number;
  /** A non-streamed answer is held whole up to this size, so that a cut one can be retried; longer ones flow. */
  heldAnswerBytesMax: number;
  /** A single event of a stream. */
  eventBytesMax: number;
  connectionsPerOriginMax: number;
  /** Set by a person: fills an absent max_tokens everywhere. Formats that demand one get theirs regardless. */
  defaultMaxTokens: number | undefined;
  forceNonStream: boolean;
  affinity: 'auto' | 'off' | 'always';
  /** Where callers put their key on the transparent route of a provider; absent: in the usual places. */
  keyPlaces?: ReadonlyMap<string, CredentialPlaces> | undefined;
}

export interface ForwardDependencies {
  clock: Clock;
  random: Random;
  log: Log;
  protocols: Readonly<Record<ProtocolId, ClientProtocol>>;
  providers: ReadonlySet<string>;
  router: Router;
  waitQueue: WaitingRoom;
  retryBudget: RetryAllowance;
  verifier: CredentialVerifier;
  cache: AnswerCache;
  /** The client's address as trusted proxies tell it. */
  clientAddress: { of(remoteAddress: string | undefined, forwardedFor: string | string[] | undefined): string };
  meter: TrafficMeter;
  limits: LimitGate;
  prices: PriceBook;
  usage: UsageRecorder;
  /** Prepared CORS headers for this origin, flat; the same array each time. */
  corsHeaders(origin: string | undefined): readonly string[];
}

export interface DataPlane {
  /** Takes the request when its path is one of the data plane's; answers false otherwise and touches nothing. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Requests under way. */
  readonly active: number;
  /** Requests waiting for a place. */
  readonly waiting: number;
  stop(): Promise<void>;
}
