import type { Account } from '../accounts/contract.ts';
import type { ListedModel } from '../providers/contract.ts';

/** A model has a friendly name or two; what lists more describes something else. */
export const aliasesPerModelMax = 8;

interface AliasTarget {
  readonly model: string;
  readonly account: Account;
}

/** Who knows which model. Made anew when accounts or discovered lists change; look-ups cost one Map access. */
export class ModelIndex {
  readonly #listers = new Map<string, Account[]>();
  readonly #aliases = new Map<string, AliasTarget[]>();
  /** Accounts that take any name: their list is not known, or they said so. */
  readonly takers: readonly Account[];

  /** `discovered` by account id; an account's own list goes before it. */
  constructor(accounts: readonly Account[], discovered: ReadonlyMap<string, readonly ListedModel[]>) {
    const takers: Account[] = [];
    for (const account of accounts) {
      const models = listedModels(account, discovered);
      for (const { id, aliases = [] } of models ?? []) {
        add(this.#listers, id, account);
        for (const alias of aliases.slice(0, aliasesPerModelMax)) add(this.#aliases, alias, { model: id, account });
      }
      if (models === undefined || account.acceptsUnknownModels) takers.push(account);
    }
    this.takers = takers;
  }

  /** Every listed name. */
  get names(): MapIterator<string> {
    return this.#listers.keys();
  }

  listers(model: string): readonly Account[] {
    return this.#listers.get(model) ?? [];
  }

  isListed(model: string): boolean {
    return this.#listers.has(model);
  }

  /** Every other name of a listed model. */
  get aliases(): MapIterator<string> {
    return this.#aliases.keys();
  }

  /** The listed name that upstreams say this one stands for; accounts that are enabled are heard first. */
  targetOf(alias: string, isOfInterest: (account: Account) => boolean = () => true): string | undefined {
    const targets = this.#aliases.get(alias)?.filter(({ account }) => isOfInterest(account));
    return (targets?.find(({ account }) => account.enabled) ?? targets?.[0])?.model;
  }

  /** Listers first, then those that take any name. */
  servers(model: string): Account[] {
    const listers = this.listers(model);
    if (listers.length === 0) return [...this.takers];
    const known = new Set(listers);
    return [...listers, ...this.takers.filter((account) => !known.has(account))];
  }
}

/** The account's own list decides which; what was discovered describes them. Undefined when neither is known. */
export function listedModels(
  account: Account,
  discovered: ReadonlyMap<string, readonly ListedModel[]>,
): readonly ListedModel[] | undefined {
  const found = discovered.get(account.id);
  if (account.models === undefined) return found;
  const byId = new Map(found?.map((model) => [model.id, model]));
  return [...account.models].map((id) => byId.get(id) ?? { id });
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
