import type { Fault } from '../../kit/fault.ts';

/** What an error answer says beside the protocol's own shape when no account can serve; S0's clients look for it. */
export const noAvailableAccountsDetail = 'No available accounts';

/** For a 429 of which nobody knows when it ends. */
const retryAfterMsDefault = 1000;

/** The official SDKs wait no longer than this, and try again sooner where they are told a longer time. */
const waitMsMaxOfSdks = 60_000;

/**
 * Headers of an error answer in any dialect, flat list. The official SDKs repeat 408, 409, 429 and 5xx on their own;
 * after the node has tried its accounts that would only multiply the load, unless there is a time to wait for that they
 * do wait for. Every 429 says when to come back.
 */
export function faultHeaders(fault: Fault): string[] {
  const headers = ['content-type', 'application/json'];
  const waitMs = fault.retryAfterMs ?? (fault.status === 429 ? retryAfterMsDefault : undefined);
  if (waitMs !== undefined) headers.push('retry-after', String(Math.max(1, Math.ceil(waitMs / 1000))));
  if (waitMs === undefined ? fault.status >= 500 : waitMs > waitMsMaxOfSdks) headers.push('x-should-retry', 'false');
  // RFC 9110, section 15.5.6: a 405 names what is allowed, and every path of the data plane with a protocol takes POST.
  if (fault.status === 405) headers.push('allow', 'POST');
  return headers;
}

/** `{detail}` where the fault asks for it, to be spread into the error body. */
export function faultDetail(fault: Fault): { detail?: string } {
  return fault.code === 'no_available_accounts' ? { detail: noAvailableAccountsDetail } : {};
}
