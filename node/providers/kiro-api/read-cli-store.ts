import { type JsonObject, parseJsonObject } from '../../../kit/json.ts';
import type { CredentialFiles } from '../contract.ts';
import type { Complain } from './complaint.ts';
import { type KiroEntry, readEntry } from './identity.ts';

const table = 'auth_kv';
/** Where kiro-cli, and the program it grew from, keep a login, and the registration that belongs to it. */
const places = [
  { token: 'kirocli:social:token', method: 'social', registration: undefined },
  { token: 'kirocli:odic:token', method: 'idc', registration: 'kirocli:odic:device-registration' },
  { token: 'codewhisperer:odic:token', method: 'idc', registration: 'codewhisperer:odic:device-registration' },
] as const;
const keys = places.flatMap(({ token, registration }) =>
  registration === undefined ? [token] : [token, registration],
);

/** The login in kiro-cli's database; of several the one that lasts longest, which is the latest. Throws a config Fault. */
export function readCliStore(field: string, path: string, files: CredentialFiles, complain: Complain): KiroEntry {
  const values = files.readKeyValues(field, path, table, keys);
  const logins = places.flatMap(({ token, method, registration }): KiroEntry[] => {
    const login = objectIn(values.get(token));
    if (login === undefined) return [];
    const { clientId, clientSecret } = readEntry(registrationIn(values, registration));
    const client = {
      ...(clientId === undefined ? {} : { clientId }),
      ...(clientSecret === undefined ? {} : { clientSecret }),
    };
    return [{ ...client, ...readEntry(login), method }];
  });
  const latest = logins.toSorted((one, other) => (other.expiresAtMs ?? 0) - (one.expiresAtMs ?? 0))[0];
  if (latest === undefined) throw complain(`its table ${table} holds no login; run kiro-cli login`);
  return latest;
}

function registrationIn(values: ReadonlyMap<string, string>, key: string | undefined): JsonObject {
  if (key === undefined) return {};
  return objectIn(values.get(key)) ?? objectIn(values.get('kirocli:odic:device-registration')) ?? {};
}

/** Undefined for what is missing or broken: then there is no login in it. */
function objectIn(text: string | undefined): JsonObject | undefined {
  return text === undefined ? undefined : parseJsonObject(text);
}
