import type { TrafficKind, TrafficMeter } from '../metrics/contract.ts';
import type { Call } from './call.ts';
import type { HeldBodies } from './receive.ts';
import { clientClosedRequest } from './trace-of.ts';

/**
 * What remains when a call has ended, however it ended: give everything back, and count. Answers the status that counts:
 * what the client was answered, or that it left.
 */
export function settle(call: Call, meter: TrafficMeter, held: HeldBodies, nowMs: number): number {
  call.place?.release();
  call.place = undefined;
  held.free(call.body.length);
  meter.active--;
  const status = call.clientGone && !call.ended ? clientClosedRequest : call.status;
  const ttftMs = call.firstByteMs === 0 ? -1 : call.firstByteMs - call.startedMs;
  meter.request(trafficKind(call), status, nowMs - call.startedMs, ttftMs, overheadMs(call, nowMs));
  return status;
}

/** Counts one attempt; `outcome` is `ok`, `abandoned` (the client left) or a Fault's code. */
export function settleAttempt(call: Call, outcome: string, meter: TrafficMeter, nowMs: number): void {
  const account = call.account;
  if (account === undefined) return;
  const model = call.route?.resolved.model ?? '';
  meter.attempt(account.id, account.provider, model, outcome, endSent(call, nowMs));
  if (call.usage.inputTotal !== undefined || call.usage.outputTotal !== undefined) {
    meter.tokens(account.provider, model, call.usage);
  }
}

/** Ends the time that the upstream took, which is not the proxy's, also where another attempt follows; -1 where nothing was sent. */
function endSent(call: Call, nowMs: number): number {
  if (!call.isSent) return -1;
  const tookMs = nowMs - call.sentMs;
  call.isSent = false;
  call.waitedMs += tookMs;
  call.sentMs = nowMs;
  return tookMs;
}

/**
 * Time spent inside the proxy: from the body's last byte to sending it on, and, of an answer sent whole, from the
 * upstream's last byte on. Waiting for a place and for upstreams is not the proxy's.
 */
function overheadMs(call: Call, nowMs: number): number {
  if (call.sentMs === 0) return -1;
  const before = call.sentMs - call.bodyReadMs - call.waitedMs;
  const after = call.answeredMs === 0 ? 0 : nowMs - call.answeredMs;
  return Math.max(0, before + after);
}

function trafficKind(call: Call): TrafficKind {
  const { endpoint } = call;
  if (endpoint.kind === 'transparent') return 'transparent';
  return endpoint.operation === 'generate' ? endpoint.protocol : endpoint.operation;
}
