import type { RequestFacts } from '../protocols/contract.ts';
import type { Call } from './call.ts';

// Enough of the first user message to tell conversations apart; hashing more would cost and tell nothing new.
const sampledBytesMax = 2048;

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/**
 * 32-bit FNV-1a hash that is equal for all turns of one conversation: of the session that the client names, else of
 * its first user message; the model is mixed in since prompt caches are kept per model. Never 0 (0 means none).
 */
export function affinityHash(call: Call, facts: RequestFacts, model: string): number {
  let hash = hashText(offsetBasis, model);
  const session = facts.session ?? sessionHeader(call);
  if (session !== undefined) hash = hashText(hash, session);
  else if (facts.affinityEnd > facts.affinityStart)
    hash = hashBytes(hash, call.body, facts.affinityStart, facts.affinityEnd);
  else return 0;
  return hash >>> 0 || 1;
}

/** Codex names its conversation in a header. */
function sessionHeader(call: Call): string | undefined {
  const value = call.request.headers['session_id'] ?? call.request.headers['x-session-id'];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function namesSession(call: Call): boolean {
  return sessionHeader(call) !== undefined;
}

function hashText(seed: number, text: string): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), prime);
  return hash;
}

function hashBytes(seed: number, bytes: Buffer, start: number, end: number): number {
  let hash = seed;
  const stop = Math.min(end, start + sampledBytesMax);
  for (let at = start; at < stop; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), prime);
  return Math.imul(hash ^ (end - start), prime);
}
