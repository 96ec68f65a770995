import type { Account } from '../../accounts/contract.ts';
import type { PickContext, Strategy } from '../contract.ts';
import { HashChoice } from '../hash-choice.ts';
import { WeightedRoundRobin } from './weighted-round-robin.ts';

/**
 * The same conversation prefix goes to the same account, from every node, in shares that follow the weights; requests
 * without a prefix are spread by weight.
 */
export class PromptAffinity implements Strategy {
  readonly #choice: HashChoice;
  readonly #others: WeightedRoundRobin;

  constructor(candidates: readonly Account[]) {
    this.#choice = new HashChoice(candidates, true);
    this.#others = new WeightedRoundRobin(candidates);
  }

  pick(context: PickContext): Account | undefined {
    return context.affinity === 0 ? this.#others.pick(context) : this.#choice.pick(context.affinity, context);
  }

  touch(account: Account): void {
    this.#choice.touch(account);
    this.#others.touch(account);
  }
}
