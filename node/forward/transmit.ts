import { asFault } from './as-fault.ts';
import type { Upstream, UpstreamRequest } from '../providers/contract.ts';
import type { Engine } from './engine.ts';
import { forwardFaults } from './faults.ts';
import type { Sending } from './send.ts';

/**
 * Authorises a request where its upstream wants that, and sends it. Throws what `authorise` throws. What has to be
 * looked up first has the time of the first byte, and no more.
 */
export function transmit(
  sending: Sending,
  upstream: Upstream,
  request: UpstreamRequest,
  { pools, options, deps }: Pick<Engine, 'pools' | 'options' | 'deps'>,
): void {
  const ready = upstream.authorise === undefined ? request : upstream.authorise(request);
  if (!(ready instanceof Promise)) {
    sending.start(pools, upstream, ready, options);
    return;
  }
  const timer = deps.clock.after(options.requestTimeoutMs, () => sending.refuse(notAuthorised()));
  ready.then(
    (authorised) => {
      timer.cancel();
      sending.start(pools, upstream, authorised, options);
    },
    (error: unknown) => {
      timer.cancel();
      sending.refuse(asFault(error));
    },
  );
}

function notAuthorised() {
  return forwardFaults.upstream_timeout('what the request needs of its account was not there within request_timeout');
}
