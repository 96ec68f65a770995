import { createHash } from 'node:crypto';
import { accountSettings } from '../accounts/settings.ts';
import { withSecrets } from './plain-account.ts';

/**
 * A name of the credential that an account has: another one when a person gave another credential or address, the same
 * when only its weight, group or models changed.
 */
export function credentialName(account: Readonly<Record<string, unknown>>): string {
  const own = Object.entries(withSecrets(account))
    .filter(([name]) => name === 'provider' || name === 'base_url' || !Object.hasOwn(accountSettings.shape, name))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(own)).digest('base64url');
}
