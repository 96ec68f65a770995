import type { IncomingHttpHeaders } from 'node:http';
import { isFault } from '../../kit/fault.ts';
import type { CredentialVerifier, Principal } from '../auth/contract.ts';
import { authFaults } from '../auth/faults.ts';
import { authenticate, defaultCredentialPlaces, type CredentialPlaces } from '../auth/find-credential.ts';
import { requirePermission } from '../auth/principal.ts';
import type { RoutePermission } from './define-route.ts';

/** What is known of a call before its body is read. */
export interface ArrivedCall {
  readonly permission: RoutePermission;
  /** The route has a parameter `key` of its own, so that no credential is looked for there. */
  readonly takesKeyParameter: boolean;
  readonly headers: IncomingHttpHeaders;
  readonly url: string;
  /** The client's, as trusted proxies tell it. */
  readonly address: string;
}

const headerPlaces: CredentialPlaces = { ...defaultCredentialPlaces, query: [] };

/**
 * Who calls, where the call needs a credential: known, at an address that its key may be used from, and with the
 * permission. Signed tokens are learned first. Throws `missing_credential`, `bad_credential` (401) or
 * `permission_denied` (403).
 */
export async function admit(call: ArrivedCall, verifier: CredentialVerifier): Promise<Principal | undefined> {
  const { permission } = call;
  if (permission === 'none') return undefined;
  const caller = await knownCaller(call, verifier);
  if (caller.policy?.allowsAddress(call.address) === false) {
    throw authFaults.permission_denied('this key may not be used from your address', { field: 'networks' });
  }
  if (permission !== 'any') requirePermission(caller, permission);
  return caller;
}

async function knownCaller(call: ArrivedCall, verifier: CredentialVerifier): Promise<Principal> {
  const places = call.takesKeyParameter ? headerPlaces : defaultCredentialPlaces;
  const refused: string[] = [];
  const noting: CredentialVerifier = {
    verify(credential) {
      const caller = verifier.verify(credential);
      if (caller === undefined) refused.push(credential);
      return caller;
    },
    learn: (credential) => verifier.learn(credential),
  };
  try {
    return authenticate(noting, call.headers, call.url, places);
  } catch (error) {
    if (!isFault(error)) throw error;
    const learning = refused.flatMap((credential) => verifier.learn(credential) ?? []);
    if (learning.length === 0) throw error;
    await Promise.all(learning);
    return authenticate(verifier, call.headers, call.url, places);
  }
}
