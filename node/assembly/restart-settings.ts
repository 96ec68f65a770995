import { isDeepStrictEqual } from 'node:util';
import { Secret } from '../../kit/secret.ts';
import type { Settings } from '../config/index.ts';

/** Settings that a running node takes over when they are read again. */
const taken = new Set([
  'accounts',
  'groups',
  'models',
  'model_providers',
  'log_level',
  'load_balancer.enabled',
  'load_balancer.algorithm',
  'limits.global_max_concurrency',
  'limits.queue_size',
  'limits.retry_attempts',
  'limits.retry_budget',
  'limits.request_timeout',
  'limits.idle_timeout',
  'limits.first_event_timeout',
  'limits.default_max_tokens',
  'limits.force_non_stream',
  'limits.body_limit',
  'breaker',
  'priority',
  'affinity',
  'cache.max_size_mb',
  'cache.ttl_seconds',
  'prices',
  'usage',
]);

/** Names of settings that differ and that a running node does not take over. */
export function needingRestart(before: Settings, after: Settings): string[] {
  return Object.keys({ ...before, ...after }).flatMap((key) =>
    changedWithin(key, Reflect.get(before, key), Reflect.get(after, key)),
  );
}

/** Goes into sections, so that the single setting is named; lists and secrets are compared whole. */
function changedWithin(name: string, before: unknown, after: unknown): string[] {
  if (taken.has(name)) return [];
  if (!isSection(before) || !isSection(after)) return isSame(before, after) ? [] : [name];
  return Object.keys({ ...before, ...after }).flatMap((key) =>
    changedWithin(`${name}.${key}`, before[key], after[key]),
  );
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

/** Secrets hide what they hold, also from a comparison of their fields. */
function isSame(before: unknown, after: unknown): boolean {
  if (before instanceof Secret && after instanceof Secret) return before.reveal() === after.reveal();
  return isDeepStrictEqual(before, after);
}
