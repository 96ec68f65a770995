import type { BreakerOptions, RestOptions } from '../accounts/options.ts';
import { keyPlaces } from '../auth/key-places.ts';
import type { Settings } from '../config/index.ts';
import type { ForwardOptions } from '../forward/contract.ts';
import { defaultHttpServerSettings, type HttpServerSettings } from '../http/server-settings.ts';
import { providers } from '../providers/registry.ts';
import type { FailoverPolicy } from '../routing/failover.ts';

// Connections to one provider: more than global_max_concurrency would never be used, fewer would queue inside the pool.
const connectionsPerOriginMin = 64;

const connectTimeoutMs = 10_000;

/** Claude Code gives up on a stream after minutes of silence and shows a banner after 20 s (a choice, not a fact). */
const keepAliveIntervalMs = 10_000;

/** Enough for a hundred requests with large images at once on the machine the defaults are made for. */
const heldBodiesBytesMax = 512 * 1024 * 1024;

const heldAnswerBytesMax = 4 * 1024 * 1024;

/** An image in one event is the longest known, about 2 MB. */
const eventBytesMax = 16 * 1024 * 1024;

export function forwardOptions(settings: Settings, nodeId: string): ForwardOptions {
  const { limits } = settings;
  return {
    nodeId,
    globalMaxConcurrency: limits.global_max_concurrency,
    retryAttempts: limits.retry_attempts,
    requestTimeoutMs: limits.request_timeout,
    idleTimeoutMs: limits.idle_timeout,
    connectTimeoutMs,
    firstEventTimeoutMs: limits.first_event_timeout,
    keepAliveIntervalMs,
    bodyBytesMax: limits.body_limit,
    heldBodiesBytesMax: Math.max(heldBodiesBytesMax, 4 * limits.body_limit),
    heldAnswerBytesMax,
    eventBytesMax,
    connectionsPerOriginMax: Math.max(connectionsPerOriginMin, limits.global_max_concurrency),
    defaultMaxTokens: limits.default_max_tokens,
    forceNonStream: limits.force_non_stream,
    affinity: settings.affinity,
    keyPlaces: keyPlaces(settings.key_places, providers.keys()),
  };
}

export function breakerOptions({ breaker }: Settings): Partial<BreakerOptions> {
  return {
    enabled: breaker.enabled,
    errorThreshold: breaker.error_threshold,
    failureRate: breaker.failure_rate,
    minRequests: breaker.min_requests,
    recoveryMs: breaker.recovery_timeout,
  };
}

export function restOptions({ breaker }: Settings): Partial<RestOptions> {
  return { restMsMax: breaker.rest_cap };
}

export function failoverPolicy({ priority }: Settings): FailoverPolicy {
  return {
    autoFailover: priority.auto_failover,
    autoRecovery: priority.auto_recovery,
    failureThreshold: priority.failure_threshold,
    cooldownMs: priority.cooldown,
  };
}

export function serverSettings(settings: Settings, port: number): HttpServerSettings {
  return {
    ...defaultHttpServerSettings,
    host: settings.host,
    port,
    drainDelayMs: settings.limits.drain_delay,
    drainTimeoutMs: settings.limits.drain_timeout,
    corsOrigins: settings.cors.enabled ? settings.cors.origins : [],
  };
}
