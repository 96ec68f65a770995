import type { Fault } from '../../kit/fault.ts';
import { concurrencyRetryMs, splitRetryMs } from './bounds.ts';
import { type BudgetIndex, type BudgetKind, budgetKinds, isDaily, isOfTokens } from './budget-kinds.ts';
import type { BucketKind } from './buckets.ts';
import { dayStartMs, monthStartMs } from './calendar.ts';
import { limitFaults } from './faults.ts';
import type { KeyBudget } from './key-budget.ts';

/** Why a request was not let in; the values of a metric's label. */
export type RefusalReason = BucketKind | BudgetKind;

const nanoPerUnit = 1e9;

/** A bucket that has not enough. `waitMs` until it may have. */
export function bucketRefusal(kind: BucketKind, limit: number, waitMs: number): Fault {
  switch (kind) {
    case 'concurrent':
      return limitFaults.too_many_concurrent(`the key may have ${limit} requests under way at a time`, {
        retryAfterMs: concurrencyRetryMs,
      });
    case 'requests':
      return limitFaults.rate_limited(`the key may make ${limit} requests a minute`, { retryAfterMs: waitMs });
    case 'tokens':
      return limitFaults.rate_limited(`the key may use ${limit} tokens a minute`, { retryAfterMs: waitMs });
  }
}

export function budgetRefusal(budget: KeyBudget, index: BudgetIndex, nowMs: number): Fault {
  const limit = budget.limit(index);
  const whole = `the ${budgetKinds[index].replace('_', ' ')} budget of the key is ${amount(index, limit)}`;
  if (budget.spent(index) < limit && budget.allowed(index) < limit) {
    const part = `${amount(index, budget.allowed(index))} of it may be spent here while members are out of reach`;
    return limitFaults.budget_spent(`${whole}, and ${part}`, { retryAfterMs: splitRetryMs });
  }
  const endMs = isDaily(index) ? dayStartMs(budget.period(index) + 1) : monthStartMs(budget.period(index) + 1);
  return limitFaults.budget_spent(`${whole}, and it is spent`, { retryAfterMs: Math.max(1, endMs - nowMs) });
}

function amount(index: BudgetIndex, value: number): string {
  return isOfTokens(index) ? `${value} tokens` : String(value / nanoPerUnit);
}
