import type { Issuer } from '../../upstream/oauth-issuer.ts';

/** An account whose tokens the issuer gives; nothing is sent to its provider but by who asks for its one model. */
export function tokenAccount(issuer: Issuer, id: string): Record<string, unknown> {
  return { id, provider: 'amazonq', discovery: false, models: [`model-of-${id}`], ...issuer.login(id) };
}
