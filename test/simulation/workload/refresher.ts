import type { Grant, IntentRefusal } from '../../../cluster/intents/contract.ts';
import type { SimProcess } from '../world/sim-process.ts';
import { accounts, budgetMs, type Redemption } from './issuer.ts';

/** What the record of an account's token says. */
interface TokenRecord {
  readonly token: string;
  readonly needsLogin: boolean;
}

const tickMs = 300;
const refreshEveryMs = 3500;

/** Refreshes tokens while it leads, in the steps that a node takes. */
export class Refresher {
  readonly #process: SimProcess;
  /** Accounts with an intent under way here. */
  readonly #busy = new Set<string>();
  readonly #lastMs = new Map<string, number>();

  constructor(process: SimProcess) {
    this.#process = process;
  }

  start(): void {
    this.#process.clock.every(tickMs, () => this.#tick());
  }

  #tick(): void {
    const { world, parts, clock } = this.#process;
    if (world.isQuiet || !parts.election.isSelf) return;
    for (const account of accounts) {
      if (this.#busy.has(account) || clock.monotonicMs() - (this.#lastMs.get(account) ?? -Infinity) < refreshEveryMs)
        continue;
      this.#lastMs.set(account, clock.monotonicMs());
      this.#begin(account);
    }
  }

  #begin(account: string): void {
    const { token, needsLogin } = this.#known(account);
    const generation = needsLogin ? `login after ${token}` : token;
    this.#busy.add(account);
    this.#process.parts.intents.begin({ key: `token/${account}`, generation, budgetMs }, (result) => {
      this.#busy.delete(account);
      this.#process.note(() => `intent ${account} ${generation}: ${typeof result === 'string' ? result : 'granted'}`);
      if (isGrant(result)) this.#act(account, token, needsLogin, result);
    });
  }

  #act(account: string, token: string, needsLogin: boolean, grant: Grant): void {
    const { world } = this.#process;
    if (!grant.mayBegin()) grant.released();
    else if (needsLogin) this.#store(account, token, { token: world.issuer.login(account), needsLogin: false }, grant);
    else this.#redeem(account, token, grant);
  }

  #redeem(account: string, token: string, grant: Grant): void {
    const { world, clock } = this.#process;
    let isGivenUp = false;
    if (world.bug?.releasesWhenLate === true) {
      clock.after(budgetMs / 3, () => {
        isGivenUp = true;
        grant.released();
      });
    }
    world.issuer.redeem(this.#process, account, token, (result) => {
      if (!isGivenUp) this.#settle(account, token, result, grant);
    });
  }

  #settle(account: string, token: string, result: Redemption, grant: Grant): void {
    this.#process.note(() => `answer for ${token}: ${typeof result === 'string' ? result : result.token}`);
    if (result === 'unsent') grant.released();
    else if (result === 'invalid_grant') this.#store(account, token, { token, needsLogin: true }, grant);
    else if (result !== 'lost') this.#store(account, token, { token: result.token, needsLogin: false }, grant);
  }

  #store(account: string, spent: string, record: TokenRecord, grant: Grant): void {
    const { world, parts } = this.#process;
    const stamp = { major: grant.fence.term, minor: grant.fence.sequence };
    parts.records.putStamped('tokens', account, record, stamp);
    grant.spent(() => world.issuer.known(account, spent));
  }

  #known(account: string): TokenRecord {
    const payload = this.#process.parts.records.get('tokens', account)?.payload;
    return (
      (payload as TokenRecord | undefined) ?? {
        token: this.#process.world.issuer.firstToken(account),
        needsLogin: false,
      }
    );
  }
}

function isGrant(result: Grant | IntentRefusal): result is Grant {
  return typeof result !== 'string';
}
