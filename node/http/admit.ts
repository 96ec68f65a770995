import type { IncomingHttpHeaders } from 'node:http';
import { isFault } from '../../kit/fault.ts';
import { permissions, type CredentialVerifier, type Principal } from '../auth/contract.ts';
import {
  authenticate,
  defaultCredentialPlaces,
  learnCredential,
  type CredentialPlaces,
} from '../auth/find-credential.ts';
import { requirePermission } from '../auth/principal.ts';
import { forwardFaults } from '../forward/faults.ts';
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
 * permission. Signed tokens are learned first. Throws `missing_credential`, `bad_credential` (401),
 * `address_not_allowed` or `permission_denied` (403).
 */
export async function admit(call: ArrivedCall, verifier: CredentialVerifier): Promise<Principal | undefined> {
  const { permission } = call;
  if (permission === 'none') return undefined;
  const caller = await knownCaller(call, verifier);
  if (caller.policy?.allowsAddress(call.address) === false) {
    throw forwardFaults.address_not_allowed(`your key may not be used from ${call.address}`, { field: 'networks' });
  }
  if (permission === 'all') for (const each of permissions) requirePermission(caller, each);
  else if (permission !== 'any') requirePermission(caller, permission);
  return caller;
}

async function knownCaller(call: ArrivedCall, verifier: CredentialVerifier): Promise<Principal> {
  const { headers, url } = call;
  const places = call.takesKeyParameter ? headerPlaces : defaultCredentialPlaces;
  try {
    return authenticate(verifier, headers, url, places);
  } catch (error) {
    const learning = isFault(error) ? learnCredential(verifier, headers, url, places) : undefined;
    if (learning === undefined) throw error;
    await learning;
    return authenticate(verifier, headers, url, places);
  }
}
