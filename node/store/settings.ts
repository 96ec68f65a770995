import { Secret } from '../../kit/secret.ts';
import { setting } from '../../kit/setting.ts';

/** Where accounts, keys, users and traces are kept. The URL of a server holds its password. */
export type StoreSettings = { readonly kind: 'sqlite' } | { readonly kind: 'postgres'; readonly url: Secret };

export const storeSetting = setting<StoreSettings>(
  { kind: 'secret', allowed: 'sqlite, or a URL postgres://USER:PASSWORD@HOST:PORT/DATABASE' },
  (raw) => {
    if (raw === 'sqlite') return { kind: 'sqlite' };
    const text = raw instanceof Secret ? raw.reveal() : raw;
    if (typeof text !== 'string' || !/^postgres(?:ql)?:\/\/./.test(text)) return undefined;
    return { kind: 'postgres', url: new Secret(text) };
  },
)
  .default({ kind: 'sqlite' })
  .describe('`sqlite` in the data folder, or a PostgreSQL server that several nodes share.');
