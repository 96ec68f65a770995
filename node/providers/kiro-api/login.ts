import { isFault } from '../../../kit/fault.ts';
import type { Secret } from '../../../kit/secret.ts';
import type { CredentialFiles, IssuedAccess, TokenLogin } from '../contract.ts';
import type { KiroCredential } from './credential.ts';
import type { KiroIdentity } from './identity.ts';
import { readIdentity } from './read-identity.ts';

const defaultRegion = 'us-east-1';
/** Where the answer names none. */
const lifetimeMs = 3_600_000;

/** How the account's token is refreshed; undefined for an API key. Throws a config Fault. */
export function kiroLogin(account: KiroCredential, files: CredentialFiles): TokenLogin | undefined {
  const identity = readIdentity(account, files);
  const { refreshToken } = identity;
  if (identity.kind === 'api_key' || refreshToken === undefined) return undefined;
  const login =
    identity.kind === 'social' ? socialLogin(identity, refreshToken, account) : idcLogin(identity, refreshToken);
  const issued = issuedIn(identity);
  return {
    ...login,
    ...(issued === undefined ? {} : { issued }),
    ...(account.creds_file === undefined ? {} : { reread: () => reread(account, files, refreshToken) }),
  };
}

/** Kiro's own service. It answers 401 to a token that is dead or was used before. */
function socialLogin(identity: KiroIdentity, refreshToken: Secret, { client_version }: KiroCredential): TokenLogin {
  const machine = identity.machineId === undefined ? '' : `-${identity.machineId}`;
  return {
    refreshToken,
    url: identity.tokenUrl ?? `https://prod.${identity.authRegion ?? defaultRegion}.auth.desktop.kiro.dev/refreshToken`,
    encoding: 'json',
    naming: 'camel',
    fields: {},
    headers: ['user-agent', `KiroIDE-${client_version}${machine}`],
    lifetimeMs,
    keeps: ['profile_arn'],
    finalStatuses: [401],
  };
}

/** AWS SSO OIDC's `CreateToken`. */
function idcLogin({ tokenUrl, authRegion, clientId, clientSecret }: KiroIdentity, refreshToken: Secret): TokenLogin {
  return {
    refreshToken,
    url: tokenUrl ?? `https://oidc.${authRegion ?? defaultRegion}.amazonaws.com/token`,
    encoding: 'json',
    naming: 'camel',
    fields: { grant_type: 'refresh_token', client_id: clientId ?? '', client_secret: clientSecret ?? '' },
    lifetimeMs,
  };
}

function issuedIn({ accessToken, expiresAtMs, profileArn }: KiroIdentity): IssuedAccess | undefined {
  if (accessToken === undefined || expiresAtMs === undefined) return undefined;
  return { accessToken, expiresAtMs, ...(profileArn === undefined ? {} : { extras: { profile_arn: profileArn } }) };
}

/** IDE and command line rotate the token on their own. */
function reread(account: KiroCredential, files: CredentialFiles, known: Secret): TokenLogin | undefined {
  try {
    const login = kiroLogin(account, files);
    return login?.refreshToken.reveal() === known.reveal() ? undefined : login;
  } catch (error) {
    // A file that is being written or is gone holds nothing new; that it is unusable is said when it is loaded again.
    if (isFault(error)) return undefined;
    throw error;
  }
}
