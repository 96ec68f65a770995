import type { Flag } from './flag-list.ts';
import { emptySource, type Origin, type Source } from './origin.ts';
import type { ProviderId } from '../providers/contract.ts';

/** One value that a flag, or its environment variable, was given. */
export interface Given {
  flag: Flag;
  value: string;
  origin: Origin;
}

/** A field of an account that flags give. */
export interface CredentialField {
  field: string;
  value: string;
  origin: Origin;
}

export interface GivenFlags extends Source {
  config: Given | undefined;
  multiAccount: Given | undefined;
  /** Fields of accounts, by provider; which of them become accounts depends on `model_providers`. */
  credentials: Map<ProviderId, CredentialField[]>;
}

/** Sorts given flags by what they do. Of a flag given twice the last counts, but for repeatable ones. */
export function takeGiven(given: readonly Given[]): GivenFlags {
  const taken: GivenFlags = { ...emptySource(), config: undefined, multiAccount: undefined, credentials: new Map() };
  const lists = new Map<Flag, string>();
  for (const { flag, value, origin } of given) {
    const { target } = flag;
    if ('path' in target) {
      const whole = flag.isRepeatable === true && lists.has(flag) ? `${lists.get(flag)},${value}` : value;
      lists.set(flag, whole);
      taken.assignments.push({ path: target.path, value: whole, origin });
    } else if ('provider' in target) {
      const fields = (taken.credentials.get(target.provider) ?? []).filter((field) => field.field !== target.field);
      taken.credentials.set(target.provider, [...fields, { field: target.field, value, origin }]);
    } else if (target.control === 'config') taken.config = { flag, value, origin };
    else taken.multiAccount = { flag, value, origin };
  }
  return taken;
}
