import { asFault } from './as-fault.ts';
import type { Upstream, UpstreamRequest } from '../providers/contract.ts';
import type { Engine } from './engine.ts';
import type { Sending } from './send.ts';

/** Authorises a request where its upstream wants that, and sends it. Throws what `authorise` throws. */
export function transmit(
  sending: Sending,
  upstream: Upstream,
  request: UpstreamRequest,
  { pools, options }: Pick<Engine, 'pools' | 'options'>,
): void {
  const ready = upstream.authorise === undefined ? request : upstream.authorise(request);
  if (!(ready instanceof Promise)) sending.start(pools, upstream, ready, options);
  else {
    ready.then(
      (authorised) => sending.start(pools, upstream, authorised, options),
      (error: unknown) => sending.refuse(asFault(error)),
    );
  }
}
