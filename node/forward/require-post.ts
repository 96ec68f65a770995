import type { Call } from './call.ts';
import { forwardFaults } from './faults.ts';

/** Throws `method_not_allowed` where a protocol's path is called with another method; the transparent route takes any. */
export function requirePost({ endpoint, request }: Call): void {
  if (endpoint.kind !== 'protocol' || request.method === 'POST') return;
  throw forwardFaults.method_not_allowed(`${request.method ?? ''} is not allowed here; allowed: POST`);
}
