import type { JsonObject } from '../../../kit/json.ts';
import { Secret } from '../../../kit/secret.ts';
import { arnForm, regionForm } from '../codewhisperer-lists.ts';

/** Social: Google or GitHub. IdC: IAM Identity Center and Builder ID. */
export type LoginKind = 'social' | 'idc' | 'api_key';

/** Who an account is, out of whichever form its credentials have. */
export interface KiroIdentity {
  readonly kind: LoginKind;
  readonly refreshToken?: Secret;
  readonly apiKey?: Secret;
  readonly accessToken?: Secret;
  /** Unix ms, of the access token. */
  readonly expiresAtMs?: number;
  readonly clientId?: string;
  readonly clientSecret?: Secret;
  readonly profileArn?: string;
  /** Of the login service. */
  readonly authRegion?: string;
  readonly apiRegion?: string;
  readonly tokenUrl?: string;
  readonly machineId?: string;
}

/** What one login says, in camel or snake case, before it is clear what kind it is. */
export type KiroEntry = Omit<KiroIdentity, 'kind'> & {
  /** `authMethod` and its like, as written. */
  readonly method?: string;
  /** Who knows the person: `Google`, `BuilderId` … */
  readonly provider?: string;
  /** Names the file beside this one that holds the registration. */
  readonly clientIdHash?: string;
};

/** Smallest number that is read as milliseconds since 1970 and not as seconds. */
const millisecondsFrom = 100_000_000_000;

/** Reads one login's object. Members that are missing or of another type are absent. */
export function readEntry(object: JsonObject): KiroEntry {
  const text = (...names: string[]) => textOf(object, names);
  const secret = (...names: string[]) => {
    const value = text(...names);
    return value === undefined ? undefined : new Secret(value);
  };
  return withoutUndefined({
    method: text('authMethod', 'auth'),
    provider: text('provider'),
    refreshToken: secret('refreshToken'),
    apiKey: secret('kiroApiKey', 'apiKey'),
    accessToken: secret('accessToken'),
    expiresAtMs: momentOf(object['expiresAt'] ?? object['expires_at']),
    clientId: text('clientId'),
    clientSecret: secret('clientSecret'),
    clientIdHash: text('clientIdHash'),
    profileArn: matching(arnForm, text('profileArn')),
    authRegion: matching(regionForm, text('authRegion', 'idcRegion', 'region')),
    apiRegion: matching(regionForm, text('apiRegion')),
    tokenUrl: text('tokenUrl'),
    machineId: matching(/^[0-9a-f]{64}$/, text('machineId')),
  });
}

/** The first of these members that is there as text, each in both spellings. */
function textOf(object: JsonObject, names: readonly string[]): string | undefined {
  for (const name of names) {
    for (const spelling of [name, snakeCase(name)]) {
      const value = Object.hasOwn(object, spelling) ? object[spelling] : undefined;
      if (typeof value === 'string' && value.trim() !== '') return value.trim();
    }
  }
  return undefined;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function matching(form: RegExp, value: string | undefined): string | undefined {
  return value !== undefined && form.test(value) ? value : undefined;
}

/** ISO 8601, seconds or milliseconds since 1970, also as text; Unix ms. */
function momentOf(value: JsonObject[string]): number | undefined {
  const number = typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof number === 'number') return number < millisecondsFrom ? number * 1_000 : number;
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** The object with those members alone that have a value, as `exactOptionalPropertyTypes` wants it. */
export function withoutUndefined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
