import { dialRefusal } from '../../../kit/dial-guard.ts';
import type { CredentialFiles } from '../contract.ts';
import type { Complain } from './complaint.ts';
import type { KiroCredential } from './credential.ts';
import { kiroFaults } from './faults.ts';
import { type KiroEntry, type KiroIdentity, type LoginKind, withoutUndefined } from './identity.ts';
import { readCredsFile } from './read-creds-file.ts';

/** Refresh tokens of the service are longer; a shorter one is a copy that lost its end. */
const refreshLengthMin = 100;

/** Who the account is: what its file says, with what is set beside it laid over. Throws a config Fault. */
export function readIdentity(account: KiroCredential, files: CredentialFiles): KiroIdentity {
  const place = placeOf(account);
  const inFile = account.creds_file === undefined ? {} : readCredsFile(account, account.creds_file, files, place);
  const entry: KiroEntry = { ...inFile, ...setBeside(account) };
  const kind = kindOf(entry, place);
  checkLogin(entry, kind, place);
  const { method: _method, provider: _provider, clientIdHash: _hash, ...rest } = entry;
  return { ...rest, kind };
}

function placeOf({ creds_file, api_key }: KiroCredential): Complain {
  const field = creds_file !== undefined ? 'creds_file' : api_key !== undefined ? 'api_key' : 'refresh_token';
  const place = creds_file === undefined ? field : `${field}: ${creds_file}`;
  return (what) => kiroFaults.kiro_credentials_unusable(`${place}: ${what}`, { field });
}

function setBeside(account: KiroCredential): KiroEntry {
  return withoutUndefined({
    refreshToken: account.refresh_token,
    apiKey: account.api_key,
    clientId: account.client_id,
    clientSecret: account.client_secret,
    profileArn: account.profile_arn,
    authRegion: account.auth_region,
    apiRegion: account.region,
    tokenUrl: account.token_url,
    machineId: account.machine_id,
  });
}

/** What the programs in use write, in letters alone. */
const kinds: Readonly<Record<string, LoginKind>> = {
  social: 'social',
  google: 'social',
  github: 'social',
  idc: 'idc',
  builderid: 'idc',
  enterprise: 'idc',
  iamidentitycenter: 'idc',
  internal: 'idc',
  apikey: 'api_key',
};

function kindOf(entry: KiroEntry, complain: Complain): LoginKind {
  const { method, provider, apiKey, clientId, clientSecret, clientIdHash } = entry;
  if (method !== undefined) {
    const kind = kindNamed(method);
    if (kind === undefined) throw complain('its authMethod is none of social, IdC and api_key');
    return kind;
  }
  if (apiKey !== undefined) return 'api_key';
  const isRegistered = (clientId !== undefined && clientSecret !== undefined) || clientIdHash !== undefined;
  return isRegistered ? 'idc' : (kindNamed(provider ?? '') ?? 'social');
}

function kindNamed(name: string): LoginKind | undefined {
  const letters = name.toLowerCase().replaceAll(/[^a-z]/g, '');
  return Object.hasOwn(kinds, letters) ? kinds[letters] : undefined;
}

function checkLogin(entry: KiroEntry, kind: LoginKind, complain: Complain): void {
  if (kind === 'api_key') {
    if (entry.apiKey === undefined) throw complain('there is no kiroApiKey in it');
    if (!/^[\x21-\x7e]{1,4096}$/.test(entry.apiKey.reveal())) throw complain('its key is no single word');
    return;
  }
  if (entry.refreshToken === undefined) throw complain('there is no refreshToken in it');
  if (kind === 'idc' && (entry.clientId === undefined || entry.clientSecret === undefined)) {
    throw complain('an IdC or Builder ID login needs clientId and clientSecret');
  }
  if (entry.tokenUrl !== undefined && dialRefusal(entry.tokenUrl) !== undefined) {
    throw complain('its tokenUrl is no address that may be dialled');
  }
  checkWhole(entry.refreshToken.reveal(), entry.tokenUrl, complain);
}

/** A stand-in for the login service may have tokens of any length. */
function checkWhole(token: string, tokenUrl: string | undefined, complain: Complain): void {
  const isShort = tokenUrl === undefined && token.length < refreshLengthMin;
  if (isShort || token.includes('...') || token.includes('…')) {
    throw complain('its refreshToken is shortened; copy the whole of it');
  }
}
