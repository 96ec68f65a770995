import type { Clock } from '../../kit/clock.ts';
import { isFault } from '../../kit/fault.ts';
import type { Log } from '../../kit/log.ts';
import type { Account } from '../accounts/contract.ts';
import type { Accounts } from '../accounts/directory.ts';
import type { AccountCheck } from '../http/dependencies.ts';
import type { ListedModel, ProviderId, Upstream } from '../providers/contract.ts';

export interface AccountCheckParts {
  accounts: Pick<Accounts, 'all'>;
  clock: Clock;
  log: Log;
  /** What the upstream lists now; throws why it could not be asked. */
  listed(upstream: Upstream): Promise<readonly ListedModel[]>;
  settingsOf(id: string): Readonly<Record<string, unknown>>;
}

/** Asks all accounts of a provider for their models, disabled ones too, and keeps nothing of the answers. */
export async function checkAccounts(provider: ProviderId, parts: AccountCheckParts): Promise<AccountCheck[]> {
  const asked = parts.accounts.all.filter((account) => account.provider === provider);
  return Promise.all(asked.map((account) => checkAccount(account, parts)));
}

async function checkAccount(
  { id, upstream, unavailableReason }: Account,
  parts: AccountCheckParts,
): Promise<AccountCheck> {
  const { region } = parts.settingsOf(id);
  const check = { account: id, region: typeof region === 'string' ? region : undefined, models: 0, latencyMs: 0 };
  if (upstream === undefined) return { ...check, error: unavailableReason ?? 'the account cannot serve' };
  const startedAtMs = parts.clock.monotonicMs();
  const took = () => parts.clock.monotonicMs() - startedAtMs;
  try {
    const models = await parts.listed(upstream);
    return { ...check, models: models.length, latencyMs: took() };
  } catch (error) {
    if (!isFault(error)) parts.log.error(`account ${id}: its check broke`, { account: id, error });
    return { ...check, latencyMs: took(), error: isFault(error) ? error.message : 'the list could not be read' };
  }
}
