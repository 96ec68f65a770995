import type { Account } from '../accounts/contract.ts';
import type { ListedModel } from '../providers/contract.ts';

/** Who knows which model. Made anew when accounts or discovered lists change; look-ups cost one Map access. */
export class ModelIndex {
  readonly #listers = new Map<string, Account[]>();
  /** Accounts that take any name: their list is not known, or they said so. */
  readonly takers: readonly Account[];

  /** `discovered` by account id; an account's own list goes before it. */
  constructor(accounts: readonly Account[], discovered: ReadonlyMap<string, readonly ListedModel[]>) {
    const takers: Account[] = [];
    for (const account of accounts) {
      const models = account.models ?? discovered.get(account.id)?.map(({ id }) => id);
      for (const model of models ?? []) this.#add(model, account);
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

  /** Listers first, then those that take any name. */
  servers(model: string): Account[] {
    const listers = this.listers(model);
    if (listers.length === 0) return [...this.takers];
    const known = new Set(listers);
    return [...listers, ...this.takers.filter((account) => !known.has(account))];
  }

  #add(model: string, account: Account): void {
    const listers = this.#listers.get(model);
    if (listers === undefined) this.#listers.set(model, [account]);
    else listers.push(account);
  }
}
