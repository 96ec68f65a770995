import type { Account } from '../accounts/contract.ts';
import type { ListedModel, ProviderId } from '../providers/contract.ts';
import { aliasesPerModelMax, listedModels } from './model-index.ts';

/** A model as `/v1/models` shows it. */
export interface MergedModel {
  id: string;
  displayName: string;
  /** Unix seconds; undefined where no upstream says. */
  created: number | undefined;
  ownedBy: string;
  providers: ProviderId[];
}

/**
 * Every model that an enabled account lists, once, then a person's names whose target is among them, then the other
 * names that upstreams have for their models. Sorted by id.
 */
export function mergeModels(
  accounts: readonly Account[],
  discovered: ReadonlyMap<string, readonly ListedModel[]>,
  aliases: Iterable<readonly [string, string]>,
): readonly MergedModel[] {
  const merged = new Map<string, MergedModel>();
  const listed = accounts
    .filter(({ enabled }) => enabled)
    .map((account) => ({ account, models: listedModels(account, discovered) ?? [] }));
  for (const { account, models } of listed) for (const model of models) add(merged, model, account.provider);
  for (const [name, target] of aliases) addAlias(merged, name, target);
  for (const { models } of listed) {
    for (const { id, aliases = [] } of models) {
      for (const alias of aliases.slice(0, aliasesPerModelMax)) addAlias(merged, alias, id);
    }
  }
  return [...merged.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
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
