import type { Fault } from '../../kit/fault.ts';
import { LruMap } from '../../kit/lru-map.ts';
import type { Account, AccountDirectory } from '../accounts/contract.ts';
import type { ListedModel, ProviderId } from '../providers/contract.ts';
import type { ResolvedModel } from './contract.ts';
import { routingFaults } from './faults.ts';
import { mergeModels, type MergedModel } from './merged-models.ts';
import { ModelIndex } from './model-index.ts';
import { nearestNames } from './nearest.ts';

/** Longer than any model's name; what is longer is not a name. */
export const modelNameLengthMax = 256;
/** Names whose resolution is kept. Attackers send random ones; theirs push each other out. */
export const resolvedNamesMax = 2_048;
/** Models kept per account; the longest public list (OpenRouter's) has some 500. */
const discoveredMax = 5_000;
/** An alias may name an alias. More steps than this are a circle. */
const aliasStepsMax = 8;

export interface CatalogOptions {
  accounts: AccountDirectory;
  /** All provider ids there are, for `provider/model`. */
  providers: readonly ProviderId[];
  /** A person's own names: `fast: gpt-4o-mini`, `my-model: oci/xai.grok-4`. */
  aliases?: Readonly<Record<string, string>>;
}

/** Which model names are known, what they mean, and who serves them. */
export class Catalog {
  readonly #accounts: AccountDirectory;
  readonly #providers: ReadonlySet<string>;
  readonly #discovered = new Map<string, readonly ListedModel[]>();
  readonly #resolved = new LruMap<string, ResolvedModel | 'unknown'>(resolvedNamesMax);
  #aliases: ReadonlyMap<string, string>;
  #friendly: ReadonlyMap<string, string> = new Map();
  #index: ModelIndex;
  #indexedVersion = -1;
  #merged: readonly MergedModel[] | undefined;
  #version = 1;

  constructor(options: CatalogOptions) {
    this.#accounts = options.accounts;
    this.#providers = new Set(options.providers);
    this.#aliases = new Map(Object.entries(options.aliases ?? {}));
    this.#index = new ModelIndex([], this.#discovered);
  }

  /** Rises when discovered lists or aliases change. */
  get version(): number {
    return this.#version;
  }

  /** Names kept; bounded by `resolvedNamesMax`. */
  get resolvedCount(): number {
    return this.#resolved.size;
  }

  get aliases(): ReadonlyMap<string, string> {
    return this.#aliases;
  }

  /** What an account's upstream listed; undefined when it could not be asked: then the account takes any name. */
  setDiscovered(accountId: string, models: readonly ListedModel[] | undefined): void {
    if (models === undefined || models.length === 0) this.#discovered.delete(accountId);
    else this.#discovered.set(accountId, models.slice(0, discoveredMax));
    this.#revise();
  }

  /** Whether what the account's upstream has is known. */
  knows(accountId: string): boolean {
    return this.#discovered.has(accountId);
  }

  /** A person's own names, all of them; they go before friendly names. */
  setAliases(aliases: Readonly<Record<string, string>>): void {
    this.#aliases = new Map(Object.entries(aliases));
    this.#revise();
  }

  /** Names made from discovered ones, `grok-4` for `xai.grok-4`. Never in the way of a person's own. */
  setFriendlyNames(names: Readonly<Record<string, string>>): void {
    this.#friendly = new Map(Object.entries(names));
    this.#revise();
  }

  /** Throws `unknown_model` with the nearest names. */
  resolve(requested: string): ResolvedModel {
    const index = this.#fresh();
    if (requested === '' || requested.length > modelNameLengthMax) throw this.#unknown(requested, index);
    const known = this.#resolved.get(requested);
    const resolved = known ?? this.#follow(requested, index) ?? 'unknown';
    if (known === undefined) this.#resolved.set(requested, resolved);
    if (resolved === 'unknown') throw this.#unknown(requested, index);
    return resolved;
  }

  /** The fault for a name that nobody knows, or that everybody who took it turned out not to have. */
  unknownModel(requested: string): Fault {
    return this.#unknown(requested, this.#fresh());
  }

  /** All accounts that know the model or take any name, disabled ones too. */
  servers({ model, provider }: ResolvedModel): Account[] {
    const servers = this.#fresh().servers(model);
    return provider === undefined ? servers : servers.filter((account) => account.provider === provider);
  }

  /** For `/v1/models`: every listed model and alias once, sorted by id. */
  mergedModels(): readonly MergedModel[] {
    this.#fresh();
    this.#merged ??= mergeModels(this.#accounts.all, this.#discovered, [...this.#friendly, ...this.#aliases]);
    return this.#merged;
  }

  #follow(requested: string, index: ModelIndex): ResolvedModel | undefined {
    let name = requested;
    for (let step = 0; step < aliasStepsMax && !index.isListed(name); step++) {
      const target = this.#targetOf(name) ?? index.targetOf(name);
      if (target === undefined) break;
      name = target;
    }
    if (index.isListed(name)) return { model: name, provider: undefined };
    const split = this.#split(name);
    if (split !== undefined) return this.#explicit(split.provider, split.model, index);
    return index.takers.length > 0 ? { model: name, provider: undefined } : undefined;
  }

  #targetOf(name: string): string | undefined {
    return this.#aliases.get(name) ?? this.#friendly.get(name);
  }

  /** `provider/model`, where the prefix is a provider; `meta-llama/llama-3` is a name with a slash in it. */
  #split(name: string): { provider: ProviderId; model: string } | undefined {
    const slash = name.indexOf('/');
    const provider = name.slice(0, Math.max(0, slash));
    return this.#isProvider(provider) ? { provider, model: name.slice(slash + 1) } : undefined;
  }

  #isProvider(name: string): name is ProviderId {
    return this.#providers.has(name);
  }

  #explicit(provider: ProviderId, model: string, index: ModelIndex): ResolvedModel | undefined {
    const target = this.#targetOf(model);
    const targetModel = target === undefined ? undefined : (this.#split(target)?.model ?? target);
    const isOfProvider = (account: Account) => account.provider === provider;
    for (const name of [model, targetModel, index.targetOf(model, isOfProvider)]) {
      if (name !== undefined && index.listers(name).some(isOfProvider)) return { model: name, provider };
    }
    return index.takers.some(isOfProvider) ? { model: targetModel ?? model, provider } : undefined;
  }

  #unknown(requested: string, index: ModelIndex): Fault {
    const nearest = nearestNames(requested, this.#names(index));
    const shown = JSON.stringify(requested.slice(0, modelNameLengthMax));
    const hint = nearest.length === 0 ? '' : `; the nearest names are ${nearest.join(', ')}`;
    return routingFaults.unknown_model(`unknown model ${shown}${hint}`, { field: 'model' });
  }

  *#names(index: ModelIndex): Generator<string> {
    yield* this.#aliases.keys();
    yield* this.#friendly.keys();
    yield* index.names;
    yield* index.aliases;
  }

  #fresh(): ModelIndex {
    if (this.#indexedVersion === this.#accounts.version) return this.#index;
    this.#forgetGone();
    this.#index = new ModelIndex(this.#accounts.all, this.#discovered);
    this.#indexedVersion = this.#accounts.version;
    this.#resolved.clear();
    this.#merged = undefined;
    return this.#index;
  }

  #forgetGone(): void {
    for (const id of this.#discovered.keys()) {
      if (this.#accounts.get(id) === undefined) this.#discovered.delete(id);
    }
  }

  #revise(): void {
    this.#version++;
    this.#indexedVersion = -1;
  }
}
