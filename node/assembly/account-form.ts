import { z } from 'zod';
import { defineFaults, type Fault } from '../../kit/fault.ts';
import { accountSettings } from '../accounts/settings.ts';
import type { ConfiguredAccount } from '../config/index.ts';
import type { Provider, ProviderId } from '../providers/contract.ts';
import { providers } from '../providers/registry.ts';

export const accountFormFaultSpecs = {
  invalid_account: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'A field of an account given to the API is missing, unknown or has a wrong value; the message names it.',
  },
} as const;

const faults = defineFaults(accountFormFaultSpecs);

/**
 * Reads an account as people write it (snake_case, as in the configuration file). Throws `invalid_account` that names
 * the first field at fault and what is allowed.
 */
export function readAccount(fields: Readonly<Record<string, unknown>>): ConfiguredAccount {
  const provider = providers.get(fields['provider'] as ProviderId);
  if (provider === undefined) throw badField('provider', `must be one of ${[...providers.keys()].join(', ')}`);
  const { base, own } = split(fields, provider);
  const parsedBase = accountSettings.safeParse(base);
  if (!parsedBase.success) throw firstIssue(parsedBase.error);
  const parsedOwn = z.safeParse(provider.credential, own);
  if (!parsedOwn.success) throw firstIssue(parsedOwn.error);
  return { ...parsedBase.data, ...parsedOwn.data };
}

/** A provider may ask for a field that every account has (a base URL it cannot do without); it then sees it too. */
function split(fields: Readonly<Record<string, unknown>>, provider: Provider<object>) {
  const ownShape = 'shape' in provider.credential ? (provider.credential.shape as object) : {};
  const base: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const own: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(fields)) {
    const isBase = Object.hasOwn(accountSettings.shape, key);
    if (isBase) base[key] = value;
    if (!isBase || Object.hasOwn(ownShape, key)) own[key] = value;
  }
  return { base, own };
}

function firstIssue(error: z.ZodError): Fault {
  const [issue] = error.issues;
  if (issue?.code === 'unrecognized_keys') return badField(issue.keys[0] ?? '', 'is not a field of this account');
  const field = issue?.path.join('.') ?? '';
  return badField(field, `allowed: ${issue?.message ?? 'something else'}`);
}

function badField(field: string, rule: string): Fault {
  return faults.invalid_account(`${field}: ${rule}`, { field });
}
