import { createHash, randomBytes } from 'node:crypto';

/** Proof key for a code exchange, method S256 (RFC 7636). */
export interface ProofKey {
  readonly verifier: string;
  readonly challenge: string;
}

/** A fresh one: 256 bits by the system's generator, which no test needs to foresee. */
export function proofKey(): ProofKey {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
