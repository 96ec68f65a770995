import type { KeyLimits } from '../auth/contract.ts';

/** Budgets of a key, in the order in which the lists of this room have them. */
export const budgetKinds = ['daily_tokens', 'monthly_tokens', 'daily_cost', 'monthly_cost'] as const;

export type BudgetKind = (typeof budgetKinds)[number];

/** One number for each of `budgetKinds`. */
export type PerBudget = [number, number, number, number];

/** Place of a budget in the lists. */
export type BudgetIndex = 0 | 1 | 2 | 3;

export const budgetIndices: readonly BudgetIndex[] = [0, 1, 2, 3];

export function isDaily(index: BudgetIndex): boolean {
  return index % 2 === 0;
}

export function isOfTokens(index: BudgetIndex): boolean {
  return index < 2;
}

/** Infinity where there is none; undefined for a key without any budget. */
export function budgetsOf(limits: KeyLimits): PerBudget | undefined {
  const { dailyTokenBudget, monthlyTokenBudget, dailyCostBudget, monthlyCostBudget } = limits;
  const given = [dailyTokenBudget, monthlyTokenBudget, dailyCostBudget, monthlyCostBudget];
  if (given.every((budget) => budget === undefined)) return undefined;
  return given.map((budget) => budget ?? Infinity) as PerBudget;
}
