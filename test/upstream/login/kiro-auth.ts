import { createHash } from 'node:crypto';
import type { LoginAnswer, LoginProtocol, LoginRequest, LoginState } from './login-service.ts';

const redirectUri = 'kiro://kiro.kiroAgent/authenticate-success';
const profileArn = 'arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE12345';

/** Kiro's own login service: the browser's code for tokens, and the device login with its statuses. */
export function kiroAuth(): LoginProtocol {
  return (request, state) => {
    if (request.isForm) return state.complain('Kiro takes JSON');
    if (request.path === '/oauth/token') return exchange(request, state);
    if (request.path === '/oauth/device/authorization') return begin(request, state);
    if (request.path === '/oauth/device/poll') return poll(request, state);
    return undefined;
  };
}

/** What the browser does at `/login`: the person says yes, and it ends at an address that only the IDE answers. */
export function kiroBrowser(state: Pick<LoginState, 'kept'>, address: string): string {
  const { searchParams } = new URL(address);
  const isWhole =
    searchParams.get('redirect_uri') === redirectUri &&
    searchParams.get('code_challenge_method') === 'S256' &&
    ['Google', 'Github'].includes(searchParams.get('idp') ?? '');
  if (!isWhole) throw new Error(`the login page shows an error for ${address}`);
  state.kept.set('challenge', searchParams.get('code_challenge') ?? '').set('code', 'code-of-the-browser');
  return `${redirectUri}?code=code-of-the-browser&state=${encodeURIComponent(searchParams.get('state') ?? '')}`;
}

function exchange({ fields }: LoginRequest, state: LoginState): LoginAnswer {
  const { code, code_verifier: verifier, redirect_uri: uri } = fields;
  if (uri !== redirectUri || code !== state.kept.get('code')) return state.complain('another code');
  const challenge = createHash('sha256').update(String(verifier)).digest('base64url');
  return challenge === state.kept.get('challenge') ? tokens(state) : { status: 400, body: { error: 'invalid_grant' } };
}

function begin({ fields }: LoginRequest, state: LoginState): LoginAnswer {
  const { clientId, loginProvider } = fields;
  if (clientId !== 'kiro-cli' || !['Google', 'Github'].includes(String(loginProvider)))
    return state.complain('another client or provider');
  state.kept.set('device', state.fresh('device'));
  return {
    status: 200,
    body: {
      deviceCode: state.kept.get('device'),
      userCode: 'KIRO-CODE',
      verificationUri: `${state.url}/device`,
      expiresInMilliseconds: 300_000,
      intervalInMilliseconds: 1_000,
    },
  };
}

function poll({ fields }: LoginRequest, state: LoginState): LoginAnswer {
  const { clientId, deviceCode } = fields;
  if (clientId !== 'kiro-cli' || deviceCode !== state.kept.get('device')) return state.complain('another device');
  const word = state.nextWord();
  if (word !== undefined) return { status: 200, body: { status: word } };
  const { status, body } = tokens(state);
  return { status, body: { status: 'approved', ...body } };
}

function tokens(state: LoginState): LoginAnswer {
  const accessToken = state.fresh('aoaAAAAAsocial');
  return {
    status: 200,
    body: { accessToken, refreshToken: state.fresh('aorAAAAAsocial'), expiresIn: 3600, profileArn },
  };
}
