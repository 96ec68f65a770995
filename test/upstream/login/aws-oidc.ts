import type { LoginAnswer, LoginProtocol, LoginRequest, LoginState } from './login-service.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
/** 2030-01-02. */
const clientEndsAt = 1_893_542_400;

export interface AwsOidcOptions {
  /** The start page that a login must name. */
  startUrl?: string;
  /** A client that is known already; absent: one must be registered. */
  client?: { id: string; secret: string };
  /** Seconds between polls. */
  interval?: number;
}

/** AWS SSO OIDC: registration, device login and refresh, in camelCase JSON. */
export function awsOidc(options: AwsOidcOptions = {}): LoginProtocol {
  const { startUrl = 'https://view.awsapps.com/start', client, interval = 1 } = options;
  return (request, state) => {
    if (request.isForm) return state.complain('AWS takes JSON');
    if (client !== undefined) state.kept.set('id', client.id).set('secret', client.secret);
    if (request.path === '/client/register') return register(request, state);
    if (request.path !== '/device_authorization' && request.path !== '/token') return undefined;
    const { clientId, clientSecret } = request.fields;
    if (clientId !== state.kept.get('id') || clientSecret !== state.kept.get('secret'))
      return { status: 401, body: { error: 'invalid_client' } };
    if (request.path === '/token') return token(request, state);
    if (request.fields['startUrl'] !== startUrl) return state.complain('another startUrl');
    state.kept.set('device', state.fresh('device'));
    return {
      status: 200,
      body: {
        deviceCode: state.kept.get('device'),
        userCode: 'WDJB-MJHT',
        verificationUri: `${state.url}/device`,
        verificationUriComplete: `${state.url}/device?user_code=WDJB-MJHT`,
        expiresIn: 600,
        interval,
      },
    };
  };
}

function register({ fields }: LoginRequest, state: LoginState): LoginAnswer {
  const { clientName, clientType, scopes } = fields;
  const isWhole = typeof clientName === 'string' && clientType === 'public' && Array.isArray(scopes);
  if (!isWhole || !scopes.every((scope) => String(scope).startsWith('codewhisperer:')))
    return state.complain('a registration of another form');
  state.kept.set('id', 'cid-registered').set('secret', state.fresh('csec'));
  const { id, secret } = Object.fromEntries(state.kept);
  return {
    status: 200,
    body: { clientId: id, clientSecret: secret, clientIdIssuedAt: 1, clientSecretExpiresAt: clientEndsAt },
  };
}

function token({ fields }: LoginRequest, state: LoginState): LoginAnswer {
  const { grantType, deviceCode, refreshToken } = fields;
  if (grantType === 'refresh_token') {
    const isKnown = refreshToken === state.kept.get('refresh');
    return isKnown ? issue(state) : { status: 400, body: { error: 'invalid_grant' } };
  }
  if (grantType !== deviceGrant || deviceCode !== state.kept.get('device')) return state.complain('another device');
  const word = state.nextWord();
  return word === undefined ? issue(state) : { status: 400, body: { error: word } };
}

function issue(state: LoginState): LoginAnswer {
  state.kept.set('refresh', state.fresh('aorAAAAA'));
  const refreshToken = state.kept.get('refresh');
  const accessToken = state.fresh('aoaAAAAA');
  return { status: 200, body: { accessToken, refreshToken, expiresIn: 3600, tokenType: 'Bearer', idToken: null } };
}
