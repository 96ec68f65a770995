/**
 * When an upstream may be asked again, read off the headers of its error answer. Uncapped: the account caps it.
 *
 *   retry-after-ms, retry-after                             seconds or HTTP date; said outright, so they win
 *   anthropic-ratelimit-<what>-remaining / -reset           RFC 3339; only of what is exhausted
 *   anthropic-ratelimit-unified-status / -reset             Unix seconds; when the status is `rejected`
 *   x-ratelimit-remaining-<what> / -reset-<what>            durations such as 6m0s, 1s, 20ms; only of what is exhausted
 *   x-ratelimit-remaining / x-ratelimit-reset               Unix time or seconds
 */
import { systemClock } from '../../kit/clock.ts';
import type { WireHeaders } from '../wire/contract.ts';

/** Milliseconds to wait, at least 0; undefined when the headers say nothing. */
export function readRetryAfterMs(headers: WireHeaders, nowMs: number = answeredAtMs(headers)): number | undefined {
  return (
    millisecondsOf(oneHeader(headers, 'retry-after-ms')) ??
    waitOf(oneHeader(headers, 'retry-after'), nowMs) ??
    longestExhausted(headers, nowMs)
  );
}

/** One header's value; the first of several. */
export function oneHeader(headers: WireHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * A wait in any form that is in use: seconds (`2`, `1.5`), a duration (`6m0s`, `20ms`), a Unix time in seconds or
 * milliseconds, an RFC 3339 or HTTP date. Milliseconds from `nowMs`, at least 0; undefined when it is none of these.
 */
export function waitOf(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return waitOfNumber(Number(text), nowMs);
  const duration = durationMs(text);
  if (duration !== undefined) return duration;
  // Dates hold a month's name or dashes; Date.parse alone would take `-1` for a year.
  const atMs = /^[A-Z][a-z]{2},? |^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

/** Numbers from 10^9 on are Unix seconds (2001 and later), from 10^12 on Unix milliseconds, smaller ones seconds. */
function waitOfNumber(value: number, nowMs: number): number {
  if (value >= 1e12) return Math.max(0, value - nowMs);
  if (value >= 1e9) return Math.max(0, value * 1000 - nowMs);
  return Math.ceil(value * 1000);
}

const unitMs: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, µs: 0.001 };

/** `1h2m3.5s`, `20ms` (Go's notation, used by OpenAI's reset headers and Google's retryDelay); milliseconds. */
export function durationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(d|h|ms|us|µs|m|s))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(d|h|ms|us|µs|m|s)/g)) {
    total += Number(amount) * (unitMs[unit!] ?? 0);
  }
  return Math.ceil(total);
}

function millisecondsOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d+(\.\d+)?$/.test(value.trim()) ? Math.ceil(Number(value)) : undefined;
}

/** The longest wait among the limits that are used up. */
function longestExhausted(headers: WireHeaders, nowMs: number): number | undefined {
  let longest: number | undefined;
  for (const name in headers) {
    const resetName = resetHeaderOf(name, headers);
    const wait = resetName === undefined ? undefined : waitOf(oneHeader(headers, resetName), nowMs);
    if (wait !== undefined && wait > (longest ?? -1)) longest = wait;
  }
  return longest;
}

/** Name of the reset header that counts when this header says that its limit is used up. */
function resetHeaderOf(name: string, headers: WireHeaders): string | undefined {
  if (name.startsWith('anthropic-ratelimit-unified') && name.endsWith('-status')) {
    return oneHeader(headers, name) === 'rejected' ? `${name.slice(0, -'status'.length)}reset` : undefined;
  }
  if (!name.includes('ratelimit') || !name.includes('-remaining')) return undefined;
  return Number(oneHeader(headers, name)) <= 0 ? name.replace('-remaining', '-reset') : undefined;
}

/** The upstream's own clock where it sent one, so that a wrong clock on either side does no harm. */
function answeredAtMs(headers: WireHeaders): number {
  const sentAtMs = Date.parse(oneHeader(headers, 'date') ?? '');
  return Number.isNaN(sentAtMs) ? systemClock.nowMs() : sentAtMs;
}
