import { z } from 'zod';
import type { PerBudget } from './budget-kinds.ts';

export const budgetTable = 'budgets';

const sum = z.number().min(0).max(Number.MAX_SAFE_INTEGER);

const payloadSchema = z.object({
  day: z.number().int(),
  dayTokens: sum,
  dayCost: sum,
  month: z.number().int(),
  monthTokens: sum,
  monthCost: sum,
});

/** What one node spent of one key's budgets in the latest day and month that it knows of. */
export interface SpentAtNode {
  readonly day: number;
  readonly month: number;
  readonly sums: Readonly<PerBudget>;
}

/** `keyId/nodeId`: written by that node alone. Ids of keys hold no slash. */
export function budgetRecordId(key: string, node: string): string {
  return `${key}/${node}`;
}

export function keyAndNodeOf(recordId: string): { key: string; node: string } | undefined {
  const end = recordId.indexOf('/');
  return end < 1 ? undefined : { key: recordId.slice(0, end), node: recordId.slice(end + 1) };
}

export function budgetPayload({ day, month, sums }: SpentAtNode): Record<string, number> {
  const [dayTokens, monthTokens, dayCost, monthCost] = sums.map((each) =>
    Math.min(Math.round(each), Number.MAX_SAFE_INTEGER),
  ) as PerBudget;
  return { day, dayTokens, dayCost, month, monthTokens, monthCost };
}

/** Undefined for what cannot be read. */
export function readBudget(payload: unknown): SpentAtNode | undefined {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) return undefined;
  const { day, month, dayTokens, monthTokens, dayCost, monthCost } = parsed.data;
  return { day, month, sums: [dayTokens, monthTokens, dayCost, monthCost] };
}
