/** The child's variable that holds its plan. */
export const planVariable = 'AIPROXY_SUPERVISED';

/** What a supervisor tells a node that it starts, beside the flags that all its nodes share. */
export interface Plan {
  /** A `worker` shares its port with the others; a `member` of a local mesh has one of its own. */
  readonly role: 'worker' | 'member';
  /** From 1. */
  readonly index: number;
  readonly count: number;
  /** HTTP ports that are each node's own, in their order; absent: counted up from the settings. */
  readonly ports?: readonly number[] | undefined;
  /** The same for the mesh. */
  readonly meshPorts?: readonly number[] | undefined;
  /** Whether the log is read by a person. */
  readonly isTerminal: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The plan of a node that has a supervisor; undefined for any other. */
export function readPlan(env: Environment): Plan | undefined {
  const text = env[planVariable];
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as Plan);
}

export function withPlan(env: Environment, plan: Plan): Record<string, string | undefined> {
  return { ...withoutPlan(env), [planVariable]: JSON.stringify(plan) };
}

/** What the settings are read from: a plan is none of them. */
export function withoutPlan(env: Environment): Record<string, string | undefined> {
  const { [planVariable]: _plan, ...others } = env;
  return others;
}
