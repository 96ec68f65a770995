import type { CredentialVerifier } from '../auth/contract.ts';
import { authenticate } from '../auth/find-credential.ts';
import { requirePermission } from '../auth/principal.ts';
import type { Call } from './call.ts';

/** Finds out who calls and whether they may use the proxy. Throws a 401 or 403 Fault. */
export function authorise(call: Call, verifier: CredentialVerifier): void {
  const { request } = call;
  const caller = authenticate(verifier, request.headers, request.url ?? '');
  requirePermission(caller, 'proxy:use');
  call.caller = caller;
}
