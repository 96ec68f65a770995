import { amazonqAccounts } from './environment-amazonq.ts';
import { nearest } from './complaint.ts';
import { flags, variableOf } from './flag-list.ts';
import { takeGiven, type Given, type GivenFlags } from './given-flags.ts';
import type { Assignment, Environment, Origin, Path } from './origin.ts';

/** Variables that users of S0 and S2 set already. Weaker than `AIPROXY_<FLAG>`, which was meant for us. */
export const knownVariables: readonly { name: string; path: Path }[] = [
  { name: 'LOAD_BALANCE_STRATEGY', path: ['load_balancer', 'algorithm'] },
  { name: 'CIRCUIT_BREAKER_ENABLED', path: ['breaker', 'enabled'] },
  { name: 'CIRCUIT_BREAKER_ERROR_THRESHOLD', path: ['breaker', 'error_threshold'] },
  { name: 'CIRCUIT_BREAKER_RECOVERY_TIMEOUT', path: ['breaker', 'recovery_timeout'] },
  { name: 'HEALTH_CHECK_INTERVAL', path: ['health', 'interval'] },
  { name: 'NODE_ID', path: ['cluster', 'node_id'] },
  { name: 'NODE_ADDRESS', path: ['cluster', 'node_address'] },
  { name: 'SEED_NODES', path: ['cluster', 'seed_nodes'] },
  { name: 'REDIS_ADDR', path: ['redis', 'addr'] },
  { name: 'REDIS_PASSWORD', path: ['redis', 'password'] },
  { name: 'REDIS_DB', path: ['redis', 'db'] },
];

/** Variables of ours that are no flag: secrets, which other users of the machine would see in a command line. */
const ownVariables: readonly { name: string; path: Path }[] = [
  { name: 'AIPROXY_CLUSTER_SECRET', path: ['cluster', 'secret'] },
  { name: 'AIPROXY_ADMIN_PASSWORD', path: ['auth', 'admin_password'] },
];

/** Flags of `aiproxy start` that are none of the node's: it is started once for each of them. */
export const startVariables = ['AIPROXY_WORKERS', 'AIPROXY_WORKERS_PORT'] as const;

/** Reads the variables that mean something here; an empty one counts as not set. */
export function readEnvironment(environment: Environment, folder: string): GivenFlags {
  const origin = (name: string): Origin => ({ kind: 'environment', name, folder });
  const given: Given[] = flags.flatMap((flag) => {
    const value = environment[variableOf(flag)];
    return isSet(value) ? [{ flag, value, origin: origin(variableOf(flag)) }] : [];
  });
  const taken = takeGiven(given);
  const named = [...knownVariables, ...ownVariables].flatMap(({ name, path }): Assignment[] => {
    const value = environment[name];
    return isSet(value) ? [{ path, value, origin: origin(name) }] : [];
  });
  taken.assignments.unshift(...named);
  const { accounts, errors } = amazonqAccounts(environment, origin);
  taken.accounts.push(...accounts);
  taken.errors.push(...errors);
  return taken;
}

/** Warnings for `AIPROXY_…` variables that mean nothing; those that the file refers to are the user's own. */
export function strangeVariables(environment: Environment, used: ReadonlySet<string>): string[] {
  const known = [...flags.map(variableOf), ...ownVariables.map(({ name }) => name), ...startVariables];
  return Object.keys(environment)
    .filter((name) => name.startsWith('AIPROXY_') && !known.includes(name) && !used.has(name))
    .map((name) => {
      const guess = nearest(name, known);
      return `environment ${name} means nothing to aiproxy${guess === undefined ? '' : `; did you mean ${guess}?`}`;
    });
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
