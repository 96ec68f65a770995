import type { CommandOption } from '../command.ts';

const words = (description: string) =>
  ({ type: 'string', description: `${description}, with commas between` }) as const;
const number = (description: string) => ({ type: 'number', description }) as const;

/** What a key can be restricted to, beside its user; the API's names with `-` for `_`. */
export const restrictionOptions = {
  role: { type: 'string', description: 'Role of the key' },
  expires: { type: 'string', description: 'End of the key: a date, a time in ISO 8601, or 30d, 12h …' },
  models: words('Models that it may ask for (a name may end in *)'),
  providers: words('Providers that may serve it'),
  networks: words('IP addresses and networks that it may be used from'),
  accounts: words('Accounts that may serve it'),
  strategy: { type: 'string', description: 'How an account is chosen for it' },
  'requests-per-minute': number('Requests in a minute, over the whole cluster'),
  'tokens-per-minute': number('Tokens in a minute'),
  'concurrent-requests': number('Requests at once'),
  'daily-token-budget': number('Tokens in a day, UTC'),
  'monthly-token-budget': number('Tokens in a month'),
  'daily-cost-budget': number('Cost in a day, in units of the currency'),
  'monthly-cost-budget': number('Cost in a month'),
  'share-cache': { type: 'boolean', description: 'Share cached answers with all keys that do so' },
  'store-prompts-days': number('Keep prompts and answers so many days'),
} as const satisfies Readonly<Record<string, CommandOption>>;

export const enableOptions = {
  enable: { type: 'boolean', description: 'Let it be used again' },
  disable: { type: 'boolean', description: 'Refuse it until it is enabled' },
} as const;
