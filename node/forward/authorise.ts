import { isFault } from '../../kit/fault.ts';
import {
  authenticate,
  type CredentialPlaces,
  defaultCredentialPlaces,
  learnCredential,
} from '../auth/find-credential.ts';
import { requirePermission } from '../auth/principal.ts';
import type { Call } from './call.ts';
import { clientAddressOf } from './client-address.ts';
import type { ForwardDependencies, ForwardOptions } from './contract.ts';
import { forwardFaults } from './faults.ts';

type Deps = Pick<ForwardDependencies, 'verifier' | 'clientAddress'>;

/**
 * Finds out who calls and whether they may use the proxy, from where they are. Throws a 401 or 403 Fault. Answers a
 * promise where the credential cannot be judged in one turn (a signed token): `authorise` is then called once more.
 */
export function authorise(call: Call, deps: Deps, options: ForwardOptions): Promise<unknown> | undefined {
  const { headers, url = '' } = call.request;
  const places = keyPlacesOf(call, options);
  try {
    call.caller = authenticate(deps.verifier, headers, url, places);
  } catch (error) {
    const learning =
      call.hasLearned || !isFault(error) ? undefined : learnCredential(deps.verifier, headers, url, places);
    if (learning === undefined) throw error;
    call.hasLearned = true;
    return learning;
  }
  requirePermission(call.caller, 'proxy:use');
  if (call.caller.policy !== undefined) requireAddress(call, deps);
  return undefined;
}

/** Where the caller of this call may have put its key. */
export function keyPlacesOf({ endpoint }: Pick<Call, 'endpoint'>, { keyPlaces }: ForwardOptions): CredentialPlaces {
  if (keyPlaces === undefined || endpoint.kind === 'protocol') return defaultCredentialPlaces;
  return keyPlaces.get(endpoint.provider) ?? defaultCredentialPlaces;
}

/** Names the client's own address and none of those that are allowed. */
function requireAddress(call: Call, deps: Deps): void {
  const address = clientAddressOf(call, deps);
  if (call.caller?.policy?.allowsAddress(address) !== false) return;
  throw forwardFaults.address_not_allowed(`your key may not be used from ${address}`);
}
