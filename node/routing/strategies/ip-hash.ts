import type { Account } from '../../accounts/contract.ts';
import type { PickContext, Strategy } from '../contract.ts';
import { HashChoice } from '../hash-choice.ts';
import { hashString } from '../hash.ts';

/** The same client goes to the same account, from every node; when one of n accounts goes, 1/n of clients move. */
export class IpHash implements Strategy {
  readonly #choice: HashChoice;

  constructor(candidates: readonly Account[]) {
    this.#choice = new HashChoice(candidates);
  }

  pick(context: PickContext): Account | undefined {
    return this.#choice.pick(hashString(context.clientAddress), context);
  }

  touch(account: Account): void {
    this.#choice.touch(account);
  }
}
