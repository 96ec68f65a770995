import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { dialRefusal } from '../../../kit/dial-guard.ts';
import { request as requestPlain, requestOverTls } from '../../../kit/node-http.ts';
import type { ProviderAnswer, UpstreamRequest } from '../../../node/providers/contract.ts';
import { loginFaults } from './faults.ts';

/** Login services answer within a second or two. */
const answerTimeoutMs = 30_000;
/** Tokens with many claims have some tens of kilobytes. */
const answerBytesMax = 1024 * 1024;

/** One call to a login service, over a connection of its own. Redirects are not followed. Throws `login_service_unreachable`. */
export async function sendStep(
  request: UpstreamRequest & { origin: string },
  signal: AbortSignal,
): Promise<ProviderAnswer> {
  const refusal = dialRefusal(request.origin);
  if (refusal !== undefined) throw loginFaults.login_service_unreachable(`the address of the login service ${refusal}`);
  try {
    return await exchange(request, AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]));
  } catch (cause) {
    signal.throwIfAborted();
    throw loginFaults.login_service_unreachable(
      `the login service at ${request.origin} cannot be reached (${reasonOf(cause)}); try again`,
      { cause },
    );
  }
}

async function exchange(
  { origin, path, method, headers, body }: UpstreamRequest & { origin: string },
  signal: AbortSignal,
): Promise<ProviderAnswer> {
  const open = origin.startsWith('https:') ? requestOverTls : requestPlain;
  const call = open(new URL(path, origin), {
    method,
    headers: ['host', new URL(origin).host, ...headers],
    agent: false,
    signal,
  });
  call.end(body);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new Error('its answer is too long');
    chunks.push(chunk);
  }
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return `no answer in ${answerTimeoutMs / 1_000} s`;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
