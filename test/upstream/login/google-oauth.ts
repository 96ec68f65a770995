import { createHash } from 'node:crypto';
import type { LoginProtocol, LoginState } from './login-service.ts';

/** Google's token endpoint for installed applications: the browser's code for tokens. */
export function googleOauth(clientSecret: string): LoginProtocol {
  return ({ path, isForm, fields }, state) => {
    if (path !== '/token') return undefined;
    if (!isForm || fields['grant_type'] !== 'authorization_code') return state.complain('no exchange of a code');
    if (fields['client_secret'] !== clientSecret) return { status: 401, body: { error: 'invalid_client' } };
    const challenge = createHash('sha256').update(String(fields['code_verifier'])).digest('base64url');
    const isKnown =
      fields['code'] === state.kept.get('code') &&
      fields['redirect_uri'] === state.kept.get('uri') &&
      challenge === state.kept.get('challenge');
    if (!isKnown) return { status: 400, body: { error: 'invalid_grant' } };
    const access_token = state.fresh('ya29');
    return {
      status: 200,
      body: { access_token, refresh_token: state.fresh('1//'), expires_in: 3599, token_type: 'Bearer' },
    };
  };
}

/** What the browser does at the consent page; the address it goes back to. `error`: the person said no. */
export function googleBrowser(state: Pick<LoginState, 'kept'>, address: string, error?: string): string {
  const { pathname, searchParams } = new URL(address);
  const uri = searchParams.get('redirect_uri') ?? '';
  const isWhole = pathname === '/o/oauth2/v2/auth' && searchParams.get('access_type') === 'offline';
  if (!isWhole || searchParams.get('response_type') !== 'code')
    throw new Error(`the page shows an error for ${address}`);
  state.kept
    .set('uri', uri)
    .set('challenge', searchParams.get('code_challenge') ?? '')
    .set('code', '4/code-of-the-browser');
  const said: Record<string, string> = error === undefined ? { code: '4/code-of-the-browser' } : { error };
  return `${uri}?${new URLSearchParams({ ...said, state: searchParams.get('state') ?? '' }).toString()}`;
}
