import type { Misfortunes, Plan } from '../plan.ts';

/** A plan whose misfortunes are likelier to show a bug. */
export function withMisfortunes(plan: Plan, misfortunes: Partial<Misfortunes>): Plan {
  return { ...plan, misfortunes: { ...plan.misfortunes, ...misfortunes } };
}
