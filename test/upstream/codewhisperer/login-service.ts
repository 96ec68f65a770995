import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Issuer, type IssuerAnswer, socialProfileArn } from '../oauth-issuer.ts';

/** How many times each step of a login was asked for. */
export interface LoginCounts {
  registrations: number;
  deviceCodes: number;
  polls: number;
  socialPages: number;
  codes: number;
}

interface Device {
  readonly userCode: string;
  readonly clientId: string;
  state: 'pending' | 'confirmed' | 'denied' | 'expired' | 'spent';
  isSlowed: boolean;
}

interface SocialCode {
  readonly challenge: string;
  readonly redirectUri: string;
  isSpent: boolean;
}

const builderIdUrl = 'https://view.awsapps.com/start';
const scopes = new Set(['codewhisperer:completions', 'codewhisperer:analysis', 'codewhisperer:conversations']);
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const registrationSeconds = 90 * 24 * 3600;
/** The only address that the service is known to send a browser back to. */
const kiroRedirect = 'kiro://kiro.kiroAgent/authenticate-success';

/**
 * How people log in: the device flow of AWS SSO OIDC (`/client/register`, `/device_authorization`, `/token`) and the
 * browser flow of Kiro (`/login`, `/oauth/token`). Who logs in is named by the test that confirms.
 */
export class LoginService {
  readonly counts: LoginCounts = { registrations: 0, deviceCodes: 0, polls: 0, socialPages: 0, codes: 0 };
  /** Seconds between polls, as the service asks for them. */
  intervalSeconds = 1;
  /** Further start URLs, of Identity Center. */
  readonly startUrls = new Set([builderIdUrl]);
  readonly #clients = new Map<string, string>();
  readonly #devices = new Map<string, Device>();
  readonly #codes = new Map<string, SocialCode>();
  readonly #issuer: () => Issuer;

  constructor(issuer: () => Issuer) {
    this.#issuer = issuer;
  }

  /** The person enters the code and agrees, denies, or comes too late; `slow` has the next poll told to slow down. */
  decide(userCode: string, decision: 'confirmed' | 'denied' | 'expired' | 'slow'): void {
    const device = [...this.#devices.values()].find((each) => each.userCode === userCode);
    if (device === undefined) throw new Error(`no login shows the code ${userCode}`);
    if (decision === 'slow') device.isSlowed = true;
    else device.state = decision;
  }

  /** Undefined for what is no step of a login. */
  answer(request: IncomingMessage, text: string): IssuerAnswer | undefined {
    const url = new URL(request.url ?? '/', 'http://login');
    const route = `${request.method} ${url.pathname}`;
    if (route === 'GET /login') return this.#socialPage(url.searchParams);
    const step = {
      'POST /client/register': (fields: Fields) => this.#register(fields),
      'POST /device_authorization': (fields: Fields) => this.#authorise(fields),
      'POST /token': (fields: Fields) => this.#poll(fields),
      'POST /oauth/token': (fields: Fields) => this.#redeem(fields),
    }[route];
    if (step === undefined) return undefined;
    const fields = fieldsOf(request, text);
    if (route === 'POST /token' && fields?.['grantType'] !== deviceGrant) return undefined;
    return fields === undefined ? refusal('invalid_request') : step(fields);
  }

  #register({ clientName, clientType, scopes: asked }: Fields): IssuerAnswer {
    this.counts.registrations++;
    const isKnown = Array.isArray(asked) && asked.length > 0 && asked.every((scope) => scopes.has(String(scope)));
    if (typeof clientName !== 'string' || clientType !== 'public') return refusal('invalid_request');
    if (!isKnown) return refusal('invalid_scope');
    const clientId = `cid-${randomBytes(8).toString('hex')}`;
    const clientSecret = `csec-${randomBytes(16).toString('hex')}`;
    this.#clients.set(clientId, clientSecret);
    this.#issuer().addClient(clientId, clientSecret);
    const clientIdIssuedAt = Math.floor(Date.now() / 1000);
    const clientSecretExpiresAt = clientIdIssuedAt + registrationSeconds;
    return { status: 200, body: { clientId, clientSecret, clientIdIssuedAt, clientSecretExpiresAt } };
  }

  #authorise({ clientId, clientSecret, startUrl }: Fields): IssuerAnswer {
    this.counts.deviceCodes++;
    if (!this.#isClient(clientId, clientSecret)) return refusal('invalid_client', 401);
    if (!this.startUrls.has(String(startUrl))) return refusal('invalid_request');
    const deviceCode = randomBytes(16).toString('hex');
    const userCode = `${randomInt(1000, 9999)}-${randomInt(1000, 9999)}`;
    this.#devices.set(deviceCode, { userCode, clientId: String(clientId), state: 'pending', isSlowed: false });
    const verificationUri = `${this.#issuer().url}/device`;
    const verificationUriComplete = `${verificationUri}?user_code=${userCode}`;
    const body = { deviceCode, userCode, verificationUri, verificationUriComplete, expiresIn: 600 };
    return { status: 200, body: { ...body, interval: this.intervalSeconds } };
  }

  #poll({ clientId, clientSecret, deviceCode }: Fields): IssuerAnswer {
    this.counts.polls++;
    if (!this.#isClient(clientId, clientSecret)) return refusal('invalid_client', 401);
    const device = this.#devices.get(String(deviceCode));
    if (device === undefined || device.clientId !== clientId) return refusal('invalid_grant');
    if (device.isSlowed) {
      device.isSlowed = false;
      return refusal('slow_down');
    }
    if (device.state === 'pending') return refusal('authorization_pending');
    if (device.state === 'denied') return refusal('access_denied');
    if (device.state !== 'confirmed') return refusal('expired_token');
    device.state = 'spent';
    const pair = this.#issuer().grant(`device-${device.userCode}`);
    return { status: 200, body: { ...pair, tokenType: 'Bearer', expiresIn: this.#issuer().lifetimeSeconds } };
  }

  #isClient(id: unknown, secret: unknown): boolean {
    return typeof id === 'string' && this.#clients.has(id) && this.#clients.get(id) === secret;
  }

  /** Here the person has agreed at once: the browser is sent back with a code. */
  #socialPage(query: URLSearchParams): IssuerAnswer {
    this.counts.socialPages++;
    const [idp, redirectUri, challenge, method, state] = [
      'idp',
      'redirect_uri',
      'code_challenge',
      'code_challenge_method',
      'state',
    ].map((name) => query.get(name) ?? '');
    const isProvider = idp === 'Google' || idp === 'Github';
    if (!isProvider || !challenge || method !== 'S256' || !state || redirectUri !== kiroRedirect)
      return refusal('invalid_request');
    const code = randomBytes(12).toString('hex');
    this.#codes.set(code, { challenge, redirectUri, isSpent: false });
    const location = new URL(redirectUri);
    location.searchParams.set('code', code);
    location.searchParams.set('state', state);
    return { status: 302, body: {}, headers: { location: location.href } };
  }

  #redeem({ code, code_verifier: verifier, redirect_uri: redirectUri }: Fields): IssuerAnswer {
    this.counts.codes++;
    const known = this.#codes.get(String(code));
    const challenge = createHash('sha256').update(String(verifier)).digest('base64url');
    if (known === undefined || known.isSpent || known.redirectUri !== redirectUri || known.challenge !== challenge)
      return { status: 401, body: { message: 'Unauthorized' } };
    known.isSpent = true;
    const pair = this.#issuer().grant(`social-${String(code).slice(0, 6)}`, true);
    return {
      status: 200,
      body: { ...pair, expiresIn: this.#issuer().lifetimeSeconds, profileArn: socialProfileArn },
    };
  }
}

type Fields = Record<string, unknown>;

function fieldsOf(request: IncomingMessage, text: string): Fields | undefined {
  if (!String(request.headers['content-type']).startsWith('application/json')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    // Not JSON: answered as a malformed request.
    return undefined;
  }
}

function refusal(error: string, status = 400): IssuerAnswer {
  return { status, body: { error, error_description: `the request was refused: ${error}` } };
}
