import type { IncomingHttpHeaders } from 'node:http';
import type { Fault } from '../../kit/fault.ts';
import type { FaultAnswer, ProtocolId } from '../protocols/contract.ts';
import type { FaultDialects } from './dependencies.ts';

export interface Problem {
  error: { code: string; message: string; field?: string };
}

/** A Fault in the management routes' shape. */
export function problemOf(fault: Fault): Problem {
  const error = { code: fault.code, message: fault.message };
  return { error: fault.field === undefined ? error : { ...error, field: fault.field } };
}

/**
 * The whole error answer for a path that no handler took, or whose handler failed: in the dialect of the client that
 * such a path belongs to, or in the management routes' shape.
 */
export function faultAnswer(
  fault: Fault,
  request: { url: string; headers: IncomingHttpHeaders },
  dialects: FaultDialects,
  requestId: string,
): FaultAnswer {
  const dialect = dialectOf(request.url, request.headers);
  if (dialect !== undefined) return dialects[dialect].encodeFault(fault, requestId);
  const headers = ['content-type', 'application/json; charset=utf-8'];
  if (fault.retryAfterMs !== undefined) headers.push('retry-after', String(Math.ceil(fault.retryAfterMs / 1000)));
  return { status: fault.status, headers, body: JSON.stringify(problemOf(fault)) };
}

/** The dialect in which a client at this path reads errors; undefined for management paths. */
export function dialectOf(url: string, headers: IncomingHttpHeaders): ProtocolId | undefined {
  if (url.startsWith('/v1beta/') || url.startsWith('/v1alpha/')) return 'gemini';
  if (!url.startsWith('/v1/')) return undefined;
  if (url.startsWith('/v1/models')) return modelsDialectOf(headers);
  if (url.startsWith('/v1/messages') || headers['anthropic-version'] !== undefined) return 'anthropic';
  return url.startsWith('/v1/responses') ? 'openai-responses' : 'openai-chat';
}

/**
 * Whose `/v1/models` is asked for; three ecosystems have that path. Google's SDK uses it since its version 3
 * (`GOOGLE_AI_API_DEFAULT_VERSION` is `v1`); Anthropic's always sends its version, and its key header is a hint too.
 */
export function modelsDialectOf(headers: IncomingHttpHeaders): 'gemini' | 'anthropic' | 'openai-chat' {
  if (headers['x-goog-api-key'] !== undefined || headers['x-goog-api-client'] !== undefined) return 'gemini';
  const isAnthropic = headers['anthropic-version'] !== undefined || headers['x-api-key'] !== undefined;
  return isAnthropic ? 'anthropic' : 'openai-chat';
}
