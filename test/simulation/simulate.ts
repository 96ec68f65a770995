import type { PlantedBug } from './bugs/planted-bug.ts';
import { drawPlan, type Plan, type PlanOptions } from './plan.ts';
import { World, type WorldResult } from './world/world.ts';

export interface SimulateOptions extends PlanOptions {
  readonly bug?: PlantedBug | undefined;
  readonly trace?: (line: string) => void;
  readonly isTraceFine?: boolean;
  /** Changes the plan that was drawn. */
  readonly adjust?: (plan: Plan) => Plan;
}

/** One world, from its seed to its end. */
export function simulate({ bug, trace, isTraceFine = false, adjust, ...options }: SimulateOptions): WorldResult {
  const plan = drawPlan(options);
  trace?.(`plan ${JSON.stringify(plan)}`);
  return new World({ plan: adjust?.(plan) ?? plan, bug, trace, isTraceFine }).run();
}
