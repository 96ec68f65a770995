import type { Account } from '../accounts/contract.ts';
import type { ListedModel, ProviderId } from '../providers/contract.ts';

/** A model as `/v1/models` shows it. */
export interface MergedModel {
  id: string;
  displayName: string;
  /** Unix seconds; undefined where no upstream says. */
  created: number | undefined;
  ownedBy: string;
  providers: ProviderId[];
}

/** Every model that an enabled account lists, once, then aliases whose target is among them. Sorted by id. */
export function mergeModels(
  accounts: readonly Account[],
  discovered: ReadonlyMap<string, readonly ListedModel[]>,
  aliases: Iterable<readonly [string, string]>,
): readonly MergedModel[] {
  const merged = new Map<string, MergedModel>();
  for (const account of accounts) {
    if (!account.enabled) continue;
    for (const model of modelsOf(account, discovered)) add(merged, model, account.provider);
  }
  for (const [name, target] of aliases) addAlias(merged, name, target);
  return [...merged.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
}

/** The account's own list decides which; what was discovered describes them. */
function modelsOf(account: Account, discovered: ReadonlyMap<string, readonly ListedModel[]>): readonly ListedModel[] {
  const found = discovered.get(account.id) ?? [];
  if (account.models === undefined) return found;
  const byId = new Map(found.map((model) => [model.id, model]));
  return [...account.models].map((id) => byId.get(id) ?? { id });
}

function add(merged: Map<string, MergedModel>, model: ListedModel, provider: ProviderId): void {
  const known = merged.get(model.id);
  if (known === undefined) {
    merged.set(model.id, {
      id: model.id,
      displayName: model.displayName ?? model.id,
      created: model.created,
      ownedBy: model.ownedBy ?? provider,
      providers: [provider],
    });
    return;
  }
  if (!known.providers.includes(provider)) known.providers.push(provider);
  known.created ??= model.created;
  if (known.displayName === known.id && model.displayName !== undefined) known.displayName = model.displayName;
}

function addAlias(merged: Map<string, MergedModel>, name: string, target: string): void {
  if (merged.has(name)) return;
  // A target may name its provider: `oci/xai.grok-4`.
  const model = merged.get(target) ?? merged.get(target.slice(target.indexOf('/') + 1));
  if (model !== undefined) merged.set(name, { ...model, id: name, displayName: name });
}
