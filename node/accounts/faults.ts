import { defineFaults } from '../../kit/fault.ts';

/** Codes that managing accounts can raise. Listed in docs/errors.md. */
export const accountFaultSpecs = {
  account_exists: {
    source: 'client',
    retry: 'never',
    status: 409,
    summary: 'An account of this id exists already; ids are unique.',
  },
  account_not_found: {
    source: 'client',
    retry: 'never',
    status: 404,
    summary: 'There is no account of this id.',
  },
  too_many_accounts: {
    source: 'client',
    retry: 'never',
    status: 400,
    summary: 'The node holds as many accounts as it may.',
  },
} as const;

export const accountFaults = defineFaults(accountFaultSpecs);
