import type { Upstream } from '../providers/contract.ts';
import { clientHeadersToForward, upstreamHeadersToForward, withoutKeys } from '../wire/hop-by-hop.ts';
import type { Call } from './call.ts';
import type { TransparentEndpoint } from './endpoint.ts';
import type { Prepared } from './prepared.ts';
import { RawPass } from './relay/raw-pass.ts';

/**
 * The transparent route: method, path, query and body go through unread; credentials are replaced and whatever tells
 * of the client's origin is removed. What comes back goes through likewise, errors included, unless another account
 * may do better (a 429, a 5xx, a refused credential).
 */
export function prepareTransparent(call: Call, endpoint: TransparentEndpoint, upstream: Upstream): Prepared {
  const query = withoutKeys(call.query);
  const request = upstream.transparent({
    method: call.request.method ?? 'GET',
    path: query === '' ? endpoint.path : `${endpoint.path}?${query}`,
    headers: clientHeadersToForward(call.request.rawHeaders),
    body: call.body.length === 0 ? undefined : call.body,
  });
  return {
    request,
    openRelay(sink, status, headers) {
      if (isRetryable(status) && hasOtherAccount(call)) return undefined;
      return new RawPass(sink, status, upstreamHeadersToForward(headers));
    },
  };
}

function isRetryable(status: number): boolean {
  return status === 429 || status >= 500 || status === 401 || status === 403;
}

function hasOtherAccount(call: Call): boolean {
  return call.route?.accounts.some((account) => !call.tried.includes(account)) ?? false;
}
