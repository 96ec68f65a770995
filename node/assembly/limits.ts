import type { Mesh } from '../../cluster/contract.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Log } from '../../kit/log.ts';
import type { KeyLimits } from '../auth/contract.ts';
import { BudgetBook } from '../limits/budget-book.ts';
import { budgetsOf } from '../limits/budget-kinds.ts';
import { BudgetSweep } from '../limits/budget-sweep.ts';
import { BudgetWriter } from '../limits/budget-writer.ts';
import { Calendar } from '../limits/calendar.ts';
import { ClusterLimits } from '../limits/cluster-limits.ts';
import type { KeyBudget } from '../limits/key-budget.ts';
import { StoreCatchUp } from '../limits/store-catch-up.ts';
import { VoterReach } from '../limits/voter-reach.ts';
import type { LimitsReading } from '../metrics/contract.ts';
import type { KeySum } from '../store/contract.ts';

export interface LimitsParts {
  readonly mesh: Pick<Mesh, 'self' | 'members' | 'leadership' | 'records' | 'quotas'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Of a key that is there, the limits that it has, the same object for the same revision of the key. */
  readonly keyOf: (id: string) => { readonly limits: KeyLimits | undefined } | undefined;
  /** What this node wrote into the store of usage since then, by key. */
  readonly sums: (fromMs: number) => Promise<readonly KeySum[]>;
}

export interface MadeLimits {
  readonly gate: ClusterLimits;
  reading(): LimitsReading;
  /** Resolves when what this node had spent before is known as well as it can be. */
  start(): Promise<void>;
  /** Writes what was spent. */
  stop(): void;
}

/** Limits and budgets of keys. Made after those who read the table `keys`, so that they know of a change already. */
export function makeLimits({ mesh, clock, log, keyOf, sums }: LimitsParts): MadeLimits {
  const limitsOf = (key: string) => keyOf(key)?.limits;
  const hasKey = (key: string) => keyOf(key) !== undefined;
  const hasBudget = (key: string) => {
    const limits = limitsOf(key);
    return limits !== undefined && budgetsOf(limits) !== undefined;
  };
  const calendar = new Calendar(clock);
  const reach = new VoterReach(mesh);
  const writer = new BudgetWriter({ mesh, clock, log, hasKey });
  const onSpent = (budget: KeyBudget) => writer.note(budget);
  const onOwnRemoved = (budget: KeyBudget) => {
    budget.forgetWritten();
    if (hasKey(budget.key) && budget.isUnwritten) writer.note(budget);
  };
  const book = new BudgetBook({ mesh, calendar, reach, onOwnRemoved });
  const sweep = new BudgetSweep({ mesh, clock, calendar, book, hasKey });
  const catchUp = new StoreCatchUp({ clock, log, calendar, book, sums, hasBudget, onRaised: onSpent });
  const gate = new ClusterLimits({ clock, quotas: mesh.quotas, reach, book, limitsOf, onSpent });
  mesh.records.watch('keys', ({ id }, origin) => {
    if (origin === 'kept') return;
    gate.changed(id);
    if (book.get(id) === undefined && hasBudget(id)) catchUp.request();
  });
  return {
    gate,
    reading: () => ({ refusals: gate.refusals, keys: gate.size, unwrittenBudgets: writer.waiting }),
    async start() {
      gate.start();
      sweep.start();
      // Opening the store for nothing would hold up every start.
      if ([...mesh.records.list('keys')].some(({ id }) => hasBudget(id))) await catchUp.start();
    },
    stop() {
      gate.stop();
      sweep.stop();
      catchUp.stop();
      writer.stop();
    },
  };
}
