import type { TokenLogin } from '../contract.ts';
import type { AmazonqCredential } from './credential.ts';

/** Builder ID lives there; IAM Identity Center has the region of its own instance. */
const defaultRegion = 'us-east-1';

/** Lifetime where the answer names none; 3600 to 28800 s were seen. */
const lifetimeMs = 3_600_000;

/** Where the Amazon Q proxy keeps its tokens, so that one may take over from the other. */
const homeFolder = '.amazonq_token_cache';

/** AWS SSO OIDC's `CreateToken`: JSON in camel case, neither signed nor with a bearer token. */
export function amazonqLogin(account: AmazonqCredential): TokenLogin {
  const region = account.region ?? defaultRegion;
  return {
    refreshToken: account.refresh_token,
    url: account.token_url ?? `https://oidc.${region}.amazonaws.com/token`,
    encoding: 'json',
    naming: 'camel',
    fields: {
      grant_type: 'refresh_token',
      client_id: account.client_id,
      client_secret: account.client_secret,
    },
    lifetimeMs,
    homeFolder,
  };
}
