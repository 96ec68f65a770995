import { isFault } from '../../../kit/fault.ts';
import type { AdminClient } from '../admin/admin-client.ts';
import type { NewAccount } from './account-fields.ts';

/** Gives the account to a running node: a new one, or new credentials to the one with this id. Throws a Fault. */
export async function addAccount(client: AdminClient, { fields }: NewAccount): Promise<'added' | 'changed'> {
  try {
    await client.post('/accounts', fields);
    return 'added';
  } catch (error) {
    if (!isFault(error) || error.status !== 409) throw error;
    const { id, provider: _provider, ...changed } = fields;
    await client.patch(`/accounts/${encodeURIComponent(String(id))}`, changed);
    return 'changed';
  }
}
