import { z } from 'zod';
import {
  durationSetting,
  integerSetting,
  listSetting,
  secretSetting,
  setting,
  textSetting,
} from '../../kit/setting.ts';
import { Secret } from '../../kit/secret.ts';
import { passwordLengthMax, passwordLengthMin } from './password-rules.ts';

const passwordSetting = () =>
  setting({ kind: 'secret', allowed: `${passwordLengthMin} to ${passwordLengthMax} characters` }, (raw) => {
    const secret = secretSetting().safeParse(raw);
    const length = secret.success ? secret.data.reveal().length : 0;
    return secret.success && length >= passwordLengthMin && length <= passwordLengthMax
      ? new Secret(secret.data.reveal())
      : undefined;
  });

export const authSettings = z.strictObject({
  admin_password: passwordSetting()
    .optional()
    .describe(
      'Password of the user `admin`, which the first start makes where there has never been a user. Absent: a random one, printed once.',
    ),
  access_token_life: durationSetting('1m', '24h')
    .default(900_000)
    .describe('How long an access token is good, which a login gives.'),
  refresh_token_life: durationSetting('1h', '365d')
    .default(2_592_000_000)
    .describe('How long a refresh token is good; each use gives a new one.'),
  sessions_max: integerSetting({ min: 1, max: 1_000 })
    .default(100)
    .describe('Logins of one user at once; the oldest ends where there would be more.'),
  signing_key_life: durationSetting('1d', '365d')
    .default(2_592_000_000)
    .describe('How long one key signs tokens; then the leader makes the next.'),
  lockout_failures: integerSetting({ min: 1, max: 100 })
    .default(5)
    .describe('Wrong passwords within `lockout_window` that lock a user out for a minute, then two, four …'),
  lockout_window: durationSetting('1m', '24h')
    .default(900_000)
    .describe('After so long without one they are forgotten.'),
  lockout_max: durationSetting('1m', '24h').default(900_000).describe('A user is locked out for no longer at a time.'),
});

export type AuthSettings = z.infer<typeof authSettings>;

/** Headers of the connection, of the body, of browsers and of proxies: no client puts a key there, and many see them. */
const refusedHeaders: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'date',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'origin',
  'proxy-authorization',
  'referer',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'x-request-id',
]);

const headerSetting = () =>
  setting({ kind: 'text', allowed: 'the name of a header that may carry a key' }, (raw) => {
    const name = typeof raw === 'string' ? raw.trim().toLowerCase() : '';
    return /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/.test(name) && !refusedHeaders.has(name) ? name : undefined;
  });

const querySetting = () =>
  setting({ kind: 'text', allowed: 'the name of a query parameter: letters, digits and . _ -' }, (raw) =>
    typeof raw === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(raw) ? raw : undefined,
  );

/** Each is looked for in every request that has no key in the ones before. */
const placesMax = 8;

export const keyPlaceSettings = z.strictObject({
  headers: listSetting(headerSetting(), placesMax)
    .default([])
    .describe('Headers, the first that holds a key counting. `authorization` is read as `Bearer KEY`.'),
  query: listSetting(querySetting(), placesMax).default([]).describe('Query parameters, looked at after the headers.'),
});

/** By provider. */
export const keyPlacesSettings = z.record(textSetting('a provider, or default', 64), keyPlaceSettings).default({});
export type KeyPlacesSettings = z.infer<typeof keyPlacesSettings>;
