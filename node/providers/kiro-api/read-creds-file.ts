import { dirname, join } from 'node:path';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../../kit/json.ts';
import type { CredentialFiles } from '../contract.ts';
import type { Complain } from './complaint.ts';
import type { KiroCredential } from './credential.ts';
import { type KiroEntry, readEntry } from './identity.ts';
import { readCliStore } from './read-cli-store.ts';

const field = 'creds_file';

/**
 * The login in a credentials file: aiproxy's own form, the IDE's token file with its registration beside it, kiro-cli's
 * database, or a list of logins. Throws a config Fault.
 */
export function readCredsFile(
  account: Pick<KiroCredential, 'creds_entry'>,
  path: string,
  files: CredentialFiles,
  complain: Complain,
): KiroEntry {
  if (/\.(?:sqlite3?|db)$/i.test(path)) return readCliStore(field, path, files, complain);
  const entry = readEntry(chosenLogin(parse(files.read(field, path), complain), account.creds_entry, complain));
  const hash = entry.clientIdHash;
  if (hash === undefined || (entry.clientId !== undefined && entry.clientSecret !== undefined)) return entry;
  return { ...readRegistration(hash, path, files, complain), ...entry };
}

function parse(text: string, complain: Complain): Json {
  const parsed = parseJson(text);
  if (parsed === undefined) throw complain('it is not JSON');
  return parsed;
}

function chosenLogin(parsed: Json, position: number | undefined, complain: Complain): JsonObject {
  const logins = Array.isArray(parsed) ? parsed : [parsed];
  const chosen =
    position === undefined
      ? logins.find((login) => isJsonObject(login) && login['disabled'] !== true)
      : logins[position - 1];
  if (isJsonObject(chosen)) return chosen;
  if (position !== undefined) throw complain(`it has no login number ${position} (creds_entry)`);
  throw complain(
    Array.isArray(parsed) ? 'its list holds no login that is enabled' : 'it is neither an object nor a list',
  );
}

/** The IDE keeps the client's id and secret in a file of their own, named by a hash. */
function readRegistration(hash: string, path: string, files: CredentialFiles, complain: Complain): KiroEntry {
  if (!/^[\w-]{1,128}$/.test(hash)) throw complain('its clientIdHash is no file name');
  const companion = join(dirname(path), `${hash}.json`);
  const text = files.readIfThere(field, companion);
  if (text === undefined) throw complain(`its registration ${companion} is missing`);
  const parsed = parse(text, (what) => complain(`${companion}: ${what}`));
  if (!isJsonObject(parsed)) throw complain(`${companion}: it is not an object`);
  const { clientId, clientSecret } = readEntry(parsed);
  return { ...(clientId === undefined ? {} : { clientId }), ...(clientSecret === undefined ? {} : { clientSecret }) };
}
