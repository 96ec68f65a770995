import type { Upstream } from '../providers/contract.ts';
import { clientHeadersToForward, upstreamHeadersToForward, withoutKeys } from '../wire/hop-by-hop.ts';
import { keyPlacesOf } from './authorise.ts';
import type { Call } from './call.ts';
import type { ForwardDependencies, ForwardOptions } from './contract.ts';
import type { TransparentEndpoint } from './endpoint.ts';
import type { Prepared } from './prepared.ts';
import { RawErrorPass } from './relay/raw-error-pass.ts';
import { MeteredRawPass, RawPass } from './relay/raw-pass.ts';
import { openTap } from './relay/usage-tap.ts';
import { transparentFormat } from './transparent-format.ts';

type Protocols = ForwardDependencies['protocols'];

/**
 * The transparent route: method, path, query and body go through unread; credentials are replaced and whatever tells
 * of the client's origin is removed. What comes back goes through likewise, errors included, unless another account
 * may do better (a 429, a 5xx, a refused credential). Only a 401 never does: the credential is not the client's, who
 * would ask its user to log in again, and such answers quote part of the key.
 */
export function prepareTransparent(
  call: Call,
  endpoint: TransparentEndpoint,
  upstream: Upstream,
  options: ForwardOptions,
  protocols: Protocols,
): Prepared {
  const keyPlaces = keyPlacesOf(call, options);
  const format = transparentFormat(endpoint);
  const query = withoutKeys(call.query, keyPlaces.query);
  call.modelServed = call.requestedModel;
  call.protocolOut = format ?? 'transparent';
  const request = upstream.transparent({
    method: call.request.method ?? 'GET',
    path: query === '' ? endpoint.path : `${endpoint.path}?${query}`,
    headers: headersToForward(call, keyPlaces.headers, format !== undefined),
    body: call.body.length === 0 ? undefined : call.body,
  });
  // It is sent with this one.
  const accessToken = upstream.token?.current();
  return {
    request,
    openRelay(sink, status, headers) {
      if (status === 401 || (isRetryable(status) && hasOtherAccount(call))) return undefined;
      // A refused token may come with any of these.
      if (isRetryable(status) || (status >= 400 && upstream.token !== undefined)) {
        const read = (body: Buffer) => upstream.readFault(status, headers, body, accessToken);
        return new RawErrorPass(sink, status, upstreamHeadersToForward(headers), read, isRetryable(status));
      }
      const isAnswer = format !== undefined && status === 200;
      const tap = isAnswer ? openTap(protocols[format], headers, options.eventBytesMax) : undefined;
      const forwarded = upstreamHeadersToForward(headers);
      return tap === undefined
        ? new RawPass(sink, status, forwarded)
        : new MeteredRawPass(call, sink, status, forwarded, tap);
    },
  };
}

/** What a limited key uses has to be read, so its answers come uncompressed where they have a known form. */
function headersToForward(call: Call, keyHeaders: readonly string[], hasFormat: boolean): string[] {
  const isMetered = hasFormat && call.caller?.policy?.limits !== undefined;
  const withheld = isMetered ? [...keyHeaders, 'accept-encoding'] : keyHeaders;
  return clientHeadersToForward(call.request.rawHeaders, withheld);
}

function isRetryable(status: number): boolean {
  return status === 429 || status >= 500 || status === 401 || status === 402 || status === 403;
}

function hasOtherAccount(call: Call): boolean {
  return call.route?.accounts.some((account) => !call.tried.includes(account)) ?? false;
}
