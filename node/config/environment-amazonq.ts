import type { Assignment, Environment, Origin } from './origin.ts';
import { accountCountMax } from '../accounts/settings.ts';

const needed = ['REFRESH_TOKEN', 'CLIENT_ID', 'CLIENT_SECRET'] as const;
const numbered = [...needed, 'PROFILE_ARN', 'WEIGHT', 'ENABLED'] as const;

interface AmazonqAccounts {
  accounts: Assignment[][];
  errors: string[];
}

/**
 * S0's accounts: `AMAZONQ_ACCOUNT_COUNT` with `AMAZONQ_ACCOUNT_n_…` (id `account_n`, weight 10 and enabled unless said
 * otherwise), or, with no count or 0, one account `default` from `AMAZONQ_REFRESH_TOKEN` and its like.
 */
export function amazonqAccounts(environment: Environment, origin: (name: string) => Origin): AmazonqAccounts {
  const text = environment['AMAZONQ_ACCOUNT_COUNT'] ?? '';
  const count = text === '' ? 0 : Number(text);
  if (!Number.isInteger(count) || count < 0 || count > accountCountMax) {
    const allowed = `a whole number from 0 to ${accountCountMax}`;
    return {
      accounts: [],
      errors: [`AMAZONQ_ACCOUNT_COUNT: ${JSON.stringify(text)} is not allowed; allowed: ${allowed}`],
    };
  }
  if (count === 0) return singleAccount(environment, origin);
  const found: AmazonqAccounts = { accounts: [], errors: [] };
  for (let number = 1; number <= count; number++) {
    const prefix = `AMAZONQ_ACCOUNT_${number}_`;
    takeAccount(found, environment, origin, {
      prefix,
      id: environment[`${prefix}ID`] || `account_${number}`,
      named: 'AMAZONQ_ACCOUNT_COUNT',
    });
  }
  return found;
}

function singleAccount(environment: Environment, origin: (name: string) => Origin): AmazonqAccounts {
  const found: AmazonqAccounts = { accounts: [], errors: [] };
  const first = needed.find((name) => (environment[`AMAZONQ_${name}`] ?? '') !== '');
  if (first !== undefined) {
    takeAccount(found, environment, origin, { prefix: 'AMAZONQ_', id: 'default', named: `AMAZONQ_${first}` });
  }
  return found;
}

interface Place {
  prefix: string;
  id: string;
  /** Variable that makes the account be expected. */
  named: string;
}

function takeAccount(
  found: AmazonqAccounts,
  environment: Environment,
  origin: (name: string) => Origin,
  { prefix, id, named }: Place,
): void {
  const idName = environment[`${prefix}ID`] ? `${prefix}ID` : named;
  const account: Assignment[] = [
    { path: ['id'], value: id, origin: origin(idName) },
    { path: ['provider'], value: 'amazonq', origin: origin(named) },
  ];
  const before = found.errors.length;
  for (const name of prefix === 'AMAZONQ_' ? ([...needed, 'PROFILE_ARN'] as const) : numbered) {
    const value = environment[prefix + name] ?? '';
    if (value !== '') account.push({ path: [name.toLowerCase()], value, origin: origin(prefix + name) });
    else if (needed.some((each) => each === name))
      found.errors.push(`${prefix}${name}: missing; needed because ${named} is set`);
  }
  if (found.errors.length === before) found.accounts.push(account);
}
