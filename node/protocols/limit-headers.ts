/** Headers that tell a client how much of its limits is left, in the forms of OpenAI and Anthropic. */
import type { RateReading, RateReadings } from './contract.ts';

/**
 * OpenAI's, which clients of every dialect are given: `x-ratelimit-limit-requests`, `-remaining-requests` and
 * `-reset-requests`, the same for tokens (https://platform.openai.com/docs/guides/rate-limits, "Rate limits in headers").
 */
export function openaiLimitHeaders({ requests, tokens }: RateReadings, _nowMs: number, into: string[]): void {
  if (requests !== undefined) {
    into.push('x-ratelimit-limit-requests', String(requests.limit));
    into.push('x-ratelimit-remaining-requests', remainingOf(requests));
    into.push('x-ratelimit-reset-requests', durationOf(requests.resetMs));
  }
  if (tokens === undefined) return;
  into.push('x-ratelimit-limit-tokens', String(tokens.limit));
  into.push('x-ratelimit-remaining-tokens', remainingOf(tokens));
  into.push('x-ratelimit-reset-tokens', durationOf(tokens.resetMs));
}

/**
 * Anthropic's beside them: `anthropic-ratelimit-requests-limit`, `-remaining` and `-reset`, the same for tokens, whose
 * reset is a moment in RFC 3339 (https://docs.anthropic.com/en/api/rate-limits, "Response headers").
 */
export function anthropicLimitHeaders(readings: RateReadings, nowMs: number, into: string[]): void {
  openaiLimitHeaders(readings, nowMs, into);
  const { requests, tokens } = readings;
  if (requests !== undefined) {
    into.push('anthropic-ratelimit-requests-limit', String(requests.limit));
    into.push('anthropic-ratelimit-requests-remaining', remainingOf(requests));
    into.push('anthropic-ratelimit-requests-reset', momentOf(nowMs + requests.resetMs));
  }
  if (tokens === undefined) return;
  into.push('anthropic-ratelimit-tokens-limit', String(tokens.limit));
  into.push('anthropic-ratelimit-tokens-remaining', remainingOf(tokens));
  into.push('anthropic-ratelimit-tokens-reset', momentOf(nowMs + tokens.resetMs));
}

/** Settling may take more than was estimated, so that less than nothing is left. */
function remainingOf({ remaining }: RateReading): string {
  return String(Math.max(0, Math.floor(remaining)));
}

/** Go's notation, as OpenAI writes it: `20ms`, `1s`, `6m0s`, `1h0m30s`. Never shorter than the wait. */
function durationOf(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.ceil(ms))}ms`;
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${seconds % 60}s`;
  return `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds % 60}s`;
}

/** RFC 3339 in whole seconds, as Anthropic writes it; never before the moment. */
function momentOf(wallMs: number): string {
  return `${new Date(Math.ceil(wallMs / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
