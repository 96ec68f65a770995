import type { RequestFacts } from '../protocols/contract.ts';
import { combine, hashBytes, hashString } from '../routing/hash.ts';
import type { Call } from './call.ts';

/**
 * 32-bit hash that is equal for all turns of one conversation: of the session that the client names, else of
 * its first user message; the model is mixed in since prompt caches are kept per model. Never 0 (0 means none).
 */
export function affinityHash(call: Call, facts: RequestFacts, model: string): number {
  const session = facts.session ?? sessionHeader(call);
  let prefix: number;
  if (session !== undefined) prefix = hashString(session);
  else if (facts.affinityEnd > facts.affinityStart)
    prefix = hashBytes(call.body, facts.affinityStart, facts.affinityEnd);
  else return 0;
  return combine(prefix, hashString(model)) || 1;
}

/** Codex names its conversation in a header. */
function sessionHeader(call: Call): string | undefined {
  const value = call.request.headers['session_id'] ?? call.request.headers['x-session-id'];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function namesSession(call: Call): boolean {
  return sessionHeader(call) !== undefined;
}
