import type { Account, Attempt, BreakerState } from '../../node/accounts/contract.ts';
import type { ProviderId } from '../../node/providers/contract.ts';
import { idleUpstream } from '../node/accounts/pool.ts';

/** An account whose facts the test sets, and that counts how often a strategy asks whether it can serve. */
export class CountedAccount implements Account {
  /** Of all accounts together. */
  static questions = 0;
  readonly id: string;
  readonly provider: ProviderId = 'openai-custom';
  readonly group = 'default';
  readonly models = undefined;
  readonly acceptsUnknownModels = true;
  readonly upstream = idleUpstream;
  readonly unavailableReason = undefined;
  readonly successCount = 0;
  readonly errorCount = 0;
  readonly lastUsedAtMs = undefined;
  readonly remote = { inFlight: 0, served: 0 };
  weight: number;
  maxConcurrency = Infinity;
  enabled = true;
  inFlight = 0;
  requestCount = 0;
  latencyEwmaMs = 100;
  healthScore = 100;
  isWell = true;

  constructor(id: string, weight = 10) {
    this.id = id;
    this.weight = weight;
  }

  canServe(): boolean {
    CountedAccount.questions++;
    return this.isWell;
  }

  couldServe(): boolean {
    return this.isWell;
  }

  breakerState(): BreakerState {
    return 'closed';
  }

  restsUntilMs(): undefined {
    return undefined;
  }

  begin(): Attempt | undefined {
    throw new Error('not a part of this test');
  }
}

/** `count` accounts `a0`, `a1` … */
export function countedAccounts(count: number, weights: readonly number[] = []): CountedAccount[] {
  return Array.from({ length: count }, (_, index) => new CountedAccount(`a${index}`, weights[index]));
}
