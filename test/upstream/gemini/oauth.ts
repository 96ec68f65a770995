import { createHash, randomBytes } from 'node:crypto';
import type { ApiCall } from '../api.ts';
import { OauthFamilies } from '../oauth-families.ts';
import type { WireAnswer } from '../wire-event.ts';

export const geminiClientId = '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com';
/** Of this stand-in; the real one is a public constant elsewhere. */
export const geminiClientSecret = 'scripted-installed-app-secret';
const scopes = ['cloud-platform', 'userinfo.email', 'userinfo.profile'].map(
  (name) => `https://www.googleapis.com/auth/${name}`,
);

export type OauthMood = '503' | 'html' | 'invalid_grant';

/** Google's login service: the page in the browser, the exchange of its code, and refreshes that give no new refresh token. */
export class GeminiOauth {
  readonly families = new OauthFamilies();
  readonly moods: OauthMood[] = [];
  lifetimeSeconds = 3599;
  readonly #codes = new Map<string, { redirectUri: string; challenge: string | undefined }>();

  answer(call: ApiCall): WireAnswer | undefined {
    if (call.path === '/o/oauth2/v2/auth') return this.#page(call.query);
    if (call.path !== '/token') return undefined;
    const isForm = /^application\/x-www-form-urlencoded\b/.test(String(call.request.headers['content-type']));
    if (call.request.method !== 'POST' || !isForm) return oauthError('invalid_request', 'The body must be a form.');
    return this.#token(new URLSearchParams(call.body.toString()));
  }

  /** The person agrees at once; the browser is sent back with a code. */
  #page(query: URLSearchParams): WireAnswer {
    const redirectUri = query.get('redirect_uri') ?? '';
    const isKnown =
      query.get('client_id') === geminiClientId &&
      query.get('response_type') === 'code' &&
      query.get('access_type') === 'offline' &&
      scopes.every((scope) => query.get('scope')?.split(' ').includes(scope)) &&
      /^http:\/\/(?:127\.0\.0\.1|localhost):\d+\/oauth2callback$/.test(redirectUri);
    const state = query.get('state');
    if (!isKnown || !state) return oauthError('invalid_request', 'Access blocked');
    const challenge = query.get('code_challenge') ?? undefined;
    if (challenge !== undefined && query.get('code_challenge_method') !== 'S256')
      return oauthError('invalid_request', 'S256 only');
    const code = `4/${randomBytes(12).toString('hex')}`;
    this.#codes.set(code, { redirectUri, challenge });
    const location = `${redirectUri}?state=${encodeURIComponent(state)}&code=${encodeURIComponent(code)}&scope=email`;
    return { status: 302, headers: { location }, body: '' };
  }

  #token(form: URLSearchParams): WireAnswer {
    const mood = this.moods.shift();
    if (mood === '503') return { status: 503, headers: {}, body: 'try later' };
    if (mood === 'html') return { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>502</html>' };
    if (mood === 'invalid_grant') return revoked;
    if (form.get('client_id') !== geminiClientId)
      return oauthError('invalid_client', 'The OAuth client was not found.', 401);
    if (form.get('client_secret') !== geminiClientSecret) return oauthError('invalid_client', 'Unauthorized', 401);
    if (form.get('grant_type') === 'authorization_code') return this.#exchange(form);
    if (form.get('grant_type') !== 'refresh_token') return oauthError('unsupported_grant_type', 'Invalid grant_type');
    const pair = this.families.spend(form.get('refresh_token') ?? '', this.lifetimeSeconds * 1000, false);
    return pair === undefined ? revoked : this.#issued(pair.accessToken);
  }

  #exchange(form: URLSearchParams): WireAnswer {
    const code = form.get('code') ?? '';
    const known = this.#codes.get(code);
    this.#codes.delete(code);
    if (known === undefined || known.redirectUri !== form.get('redirect_uri'))
      return oauthError('invalid_grant', 'Malformed auth code.');
    const hash = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (known.challenge !== undefined && known.challenge !== hash)
      return oauthError('invalid_grant', 'Invalid code verifier.');
    const refreshToken = this.families.open('browser');
    const pair = this.families.spend(refreshToken, this.lifetimeSeconds * 1000, false);
    return pair === undefined ? revoked : this.#issued(pair.accessToken, refreshToken);
  }

  /** A refresh token comes with the first exchange alone. */
  #issued(accessToken: string, refreshToken?: string): WireAnswer {
    return json(200, {
      access_token: accessToken,
      expires_in: this.lifetimeSeconds,
      scope: scopes.join(' '),
      token_type: 'Bearer',
      id_token: 'e30.e30.',
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    });
  }
}

const oauthError = (error: string, description: string, status = 400): WireAnswer =>
  json(status, { error, error_description: description });
const revoked = oauthError('invalid_grant', 'Token has been expired or revoked.');

function json(status: number, body: object): WireAnswer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
