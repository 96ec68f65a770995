import type { Fault } from '../../kit/fault.ts';
import { protocolFaults } from '../protocols/faults.ts';
import type { Upstream, UpstreamRequest } from '../providers/contract.ts';
import type { WireHeaders } from '../wire/contract.ts';
import type { UpstreamPools } from './pools.ts';
import { transportFault } from './transport-fault.ts';
import { request as sendRequest } from './undici.ts';

export interface UpstreamAnswer {
  status: number;
  headers: WireHeaders;
  body: Buffer;
}

// The longest model list known (OpenRouter's) has under 1 MB.
const answerBytesMax = 8 * 1024 * 1024;

/**
 * A call of the node's own to an account's upstream (listing models, probing): authorised, one request, its answer read
 * whole. Throws a Fault when the upstream cannot be reached, is too slow or answers without end.
 */
export async function askUpstream(
  pools: UpstreamPools,
  upstream: Upstream,
  request: UpstreamRequest,
  timeoutMs: number,
): Promise<UpstreamAnswer> {
  const ready = upstream.authorise === undefined ? request : await authorised(upstream.authorise(request), timeoutMs);
  return askOrigin(pools, ready.origin ?? upstream.origin, ready, timeoutMs);
}

/** The same to any origin, with the request as it is. */
export async function askOrigin(
  pools: UpstreamPools,
  origin: string,
  request: UpstreamRequest,
  timeoutMs: number,
): Promise<UpstreamAnswer> {
  try {
    const response = await sendRequest.call(pools.get(origin), {
      path: request.path,
      method: request.method as 'GET',
      headers: request.headers as string[],
      body: request.body ?? null,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > answerBytesMax) throw endless();
      chunks.push(chunk);
    }
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
  } catch (error) {
    throw transportFault(isTimeout(error) ? timeoutError : error, 'sent');
  }
}

/** Without a signal of its own a look-up that never ends would keep its caller for ever. */
async function authorised(request: UpstreamRequest | Promise<UpstreamRequest>, timeoutMs: number) {
  if (!(request instanceof Promise)) return request;
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const signal = AbortSignal.timeout(timeoutMs);
  const onAbort = () => reject(transportFault(timeoutError, 'connecting'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([request, tooLate]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function endless(): Fault {
  return protocolFaults.upstream_bad_answer(`the answer is longer than ${answerBytesMax} bytes`);
}

const timeoutError = Object.assign(new Error('no answer in time'), { code: 'UND_ERR_HEADERS_TIMEOUT' });

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}
