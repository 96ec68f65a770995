import { providerFaults } from '../faults.ts';
import type { InteractiveLogin, LoginChoice, LoginDesk, LoginOutcome } from '../contract.ts';
import { jsonOf, refused, requiredText } from '../device-flow.ts';
import { proofKey } from '../pkce.ts';
import { redirectCode } from '../redirect-code.ts';
import { publicClientId, tokenUrl } from './login.ts';

const authorizeOrigin = 'https://accounts.google.com';
const authorizePath = '/o/oauth2/v2/auth';

const scopes = [
  'https://www.googleapis.com/auth/cloud-platform',
  'https://www.googleapis.com/auth/userinfo.email',
  'https://www.googleapis.com/auth/userinfo.profile',
];

/** Google's flow for installed applications: a browser, and a redirect to this machine (RFC 8252). */
export const geminiInteractiveLogin: InteractiveLogin = { kinds: ['google'], run };

async function run(choice: LoginChoice, desk: LoginDesk): Promise<LoginOutcome> {
  const { clientSecret, clientId = publicClientId } = choice;
  if (clientSecret === undefined) {
    throw providerFaults.login_failed(
      "client_secret: give the public secret of Gemini CLI's OAuth client (OAUTH_CLIENT_SECRET in code_assist/oauth2.ts)",
    );
  }
  const key = proofKey();
  const state = proofKey().verifier;
  const { redirectUri, parameters } = await desk.awaitRedirect({
    path: '/oauth2callback',
    address: (uri) => authorizeUrl(choice.authUrl ?? authorizeOrigin, { clientId, redirectUri: uri, state, key }),
  });
  const code = redirectCode(parameters, state);
  const target = new URL(choice.authUrl === undefined ? tokenUrl : `${choice.authUrl}/token`);
  const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: key.verifier };
  const answer = await desk.ask({
    origin: target.origin,
    method: 'POST',
    path: target.pathname,
    headers: ['content-type', 'application/x-www-form-urlencoded', 'accept', 'application/json'],
    body: new URLSearchParams({ ...fields, client_id: clientId, client_secret: clientSecret }).toString(),
  });
  const tokens = jsonOf(answer);
  if (answer.status !== 200)
    throw refused(typeof tokens['error'] === 'string' ? tokens['error'] : undefined, answer.status);
  const lifetimeSeconds = typeof tokens['expires_in'] === 'number' ? tokens['expires_in'] : 3600;
  return {
    credentials: {
      access_token: requiredText(tokens, 'access_token'),
      refresh_token: requiredText(tokens, 'refresh_token'),
      scope: scopes.join(' '),
      token_type: 'Bearer',
      expiry_date: desk.clock.nowMs() + lifetimeSeconds * 1000,
    },
    account: {
      ...(choice.clientId === undefined ? {} : { client_id: choice.clientId }),
      client_secret: clientSecret,
      ...(choice.authUrl === undefined ? {} : { token_url: target.href }),
    },
    summary:
      'logged in to Google; Code Assist serves Standard and Enterprise plans only, which need project in the account',
  };
}

interface Authorization {
  clientId: string;
  redirectUri: string;
  state: string;
  key: { challenge: string };
}

function authorizeUrl(origin: string, { clientId, redirectUri, state, key }: Authorization): string {
  const url = new URL(authorizePath, origin);
  url.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: scopes.join(' '),
    access_type: 'offline',
    // A refresh token comes only with a consent that is given anew.
    prompt: 'consent',
    state,
    code_challenge: key.challenge,
    code_challenge_method: 'S256',
  }).toString();
  return url.href;
}
