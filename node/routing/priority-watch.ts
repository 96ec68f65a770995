import type { Clock, Timer } from '../../kit/clock.ts';
import type { Account } from '../accounts/contract.ts';
import type { Failover, LevelHealth } from './failover.ts';
import type { Groups, Priority } from './groups.ts';

/** Cooldowns and recoveries end by time alone; a second late is not noticed. Costs one look at each account. */
const periodMs = 1_000;

/** An account with what health checks found. */
export interface CheckedAccount extends Account {
  readonly failedChecks: number;
}

/** Looks at the accounts of each priority and tells `Failover`. */
export class PriorityWatch {
  readonly #accounts: { readonly all: readonly CheckedAccount[] };
  readonly #groups: Groups;
  readonly #failover: Failover;
  readonly #clock: Clock;
  #timer: Timer | undefined;

  constructor(accounts: { readonly all: readonly CheckedAccount[] }, groups: Groups, failover: Failover, clock: Clock) {
    this.#accounts = accounts;
    this.#groups = groups;
    this.#failover = failover;
    this.#clock = clock;
  }

  start(): void {
    this.#timer ??= this.#clock.every(periodMs, () => this.look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Call it also when a breaker opened, so that traffic moves at once. */
  look(): void {
    const nowMs = this.#clock.nowMs();
    this.#failover.update(nowMs, this.health(nowMs));
  }

  health(nowMs: number): Record<Priority, LevelHealth> {
    const health: Record<Priority, LevelHealth> = { primary: 'empty', secondary: 'empty', fallback: 'empty' };
    for (const account of this.#accounts.all) {
      if (!account.enabled || account.upstream === undefined) continue;
      const { priority } = this.#groups.get(account.group);
      if (health[priority] === 'well') continue;
      health[priority] = this.#isDown(account, nowMs) ? 'down' : 'well';
    }
    return health;
  }

  /** A half-open breaker is not down: only traffic can close it. */
  #isDown(account: CheckedAccount, nowMs: number): boolean {
    if (account.breakerState(nowMs) === 'open') return true;
    return account.failedChecks >= this.#failover.policy.failureThreshold;
  }
}
