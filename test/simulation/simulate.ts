import type { PlantedBug } from './bugs/planted-bug.ts';
import { drawPlan, type Plan, type PlanOptions } from './plan.ts';
import { World, type WorldResult } from './world/world.ts';

export interface SimulateOptions extends PlanOptions {
  readonly bug?: PlantedBug | undefined;
  readonly trace?: (line: string) => void;
  readonly isTraceFine?: boolean;
  /** One member lies in any case. */
  readonly isHostile?: boolean;
  /** Changes the plan that was drawn. */
  readonly adjust?: (plan: Plan) => Plan;
}

/** One world, from its seed to its end. */
export function simulate({
  bug,
  trace,
  isTraceFine = false,
  isHostile = false,
  adjust,
  ...options
}: SimulateOptions): WorldResult {
  const drawn = drawPlan(options);
  const plan = isHostile ? withLiar(drawn) : drawn;
  trace?.(`plan ${JSON.stringify(plan)}`);
  return new World({ plan: adjust?.(plan) ?? plan, bug, trace, isTraceFine }).run();
}

/** Lies as often as where the seed has a liar of middling strength. */
function withLiar(plan: Plan): Plan {
  const hostileMeanMs = plan.misfortunes.hostileMeanMs ?? plan.virtualMs / 10;
  return { ...plan, misfortunes: { ...plan.misfortunes, hostileMeanMs } };
}
