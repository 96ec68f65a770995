import type { Call } from './call.ts';

/** Headers that belong to the client's protocol and not to the client: they may reach a provider of that protocol. */
export function protocolHeaders(call: Call): string[] {
  if (call.protocol.id !== 'anthropic') return [];
  const headers: string[] = [];
  const { 'anthropic-version': version, 'anthropic-beta': beta } = call.request.headers;
  if (typeof version === 'string') headers.push('anthropic-version', version);
  if (typeof beta === 'string') headers.push('anthropic-beta', beta);
  return headers;
}
