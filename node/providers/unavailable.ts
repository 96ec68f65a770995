import type { Provider, ProviderId } from './contract.ts';
import { providerFaults } from './faults.ts';

/**
 * A provider whose accounts are read, checked and listed, but not served: its `open` throws the config Fault
 * `provider_unavailable`.
 */
export function unavailableProvider<Credential>(
  id: ProviderId,
  credential: Provider<Credential>['credential'],
): Provider<Credential> {
  const reason = `provider ${id} is parsed but not served by this version`;
  return {
    id,
    credential,
    unavailable: reason,
    open: (account) => {
      throw providerFaults.provider_unavailable(`account ${account.id}: ${reason}`, { field: 'provider' });
    },
  };
}
