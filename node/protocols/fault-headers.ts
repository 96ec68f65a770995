import type { Fault } from '../../kit/fault.ts';

/** What an error answer says beside the protocol's own shape when no account can serve; S0's clients look for it. */
export const noAvailableAccountsDetail = 'No available accounts';

/**
 * Headers of an error answer in any dialect, flat list. The official SDKs repeat 408, 409, 429 and 5xx on their own;
 * after the node has tried its accounts that would only multiply the load, unless there is a time to wait for.
 */
export function faultHeaders(fault: Fault): string[] {
  const headers = ['content-type', 'application/json'];
  if (fault.retryAfterMs !== undefined) {
    headers.push('retry-after', String(Math.max(1, Math.ceil(fault.retryAfterMs / 1000))));
  } else if (fault.status >= 500) headers.push('x-should-retry', 'false');
  // RFC 9110, section 15.5.6: a 405 names what is allowed, and every path of the data plane with a protocol takes POST.
  if (fault.status === 405) headers.push('allow', 'POST');
  return headers;
}

/** `{detail}` where the fault asks for it, to be spread into the error body. */
export function faultDetail(fault: Fault): { detail?: string } {
  return fault.code === 'no_available_accounts' ? { detail: noAvailableAccountsDetail } : {};
}
