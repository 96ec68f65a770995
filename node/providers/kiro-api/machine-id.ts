import { createHash } from 'node:crypto';
import type { AccountNotes } from '../contract.ts';
import type { KiroIdentity } from './identity.ts';

const noteName = 'machine_id';

/**
 * The machine that requests tell of: 64 hexadecimal digits. Made of the credential as it was when it was first seen, and
 * kept: a token that rotates leaves it as it is.
 */
export function machineId(identity: KiroIdentity, notes: AccountNotes): string {
  const known = identity.machineId ?? notes.get(noteName);
  if (known !== undefined) return known;
  const { clientId, refreshToken, apiKey } = identity;
  const seed = clientId ?? refreshToken?.reveal() ?? apiKey?.reveal() ?? '';
  const made = createHash('sha256').update('aiproxy kiro machine ').update(seed).digest('hex');
  notes.set(noteName, made);
  return made;
}
