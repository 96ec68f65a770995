import type { JsonObject } from '../../kit/json.ts';
import { regionForm } from './codewhisperer-lists.ts';
import type { LoginChoice, LoginDesk, ProviderAnswer } from './contract.ts';
import { jsonOf, pollDevice, refused, requiredText } from './device-flow.ts';
import { providerFaults } from './faults.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const scopes = ['codewhisperer:completions', 'codewhisperer:analysis', 'codewhisperer:conversations'];

/** Builder ID's start page; its login service is in this region alone. */
const builderIdStartUrl = 'https://view.awsapps.com/start';
const defaultRegion = 'us-east-1';

/** Where an answer names none. */
const intervalSeconds = 5;
const codeLifeSeconds = 600;
const tokenLifeSeconds = 3600;
/** RFC 8628: every `slow_down` adds so much. */
const slowDownMs = 5_000;

/** `builder-id` is a person's own login, `idc` one of an organisation's IAM Identity Center. */
export const awsLoginKinds = ['builder-id', 'idc'] as const;

/** A login at AWS SSO OIDC. */
export interface AwsLogin {
  readonly region: string;
  /** Undefined for a Builder ID. */
  readonly startUrl: string | undefined;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Undefined for a client that was given. Wall ms. */
  readonly clientEndsAtMs: number | undefined;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresAtMs: number;
}

/**
 * AWS SSO OIDC's device login: registers a client (unless one is given), shows the code, waits for the person. Bodies are
 * JSON in camel case (aws/amazon-q-developer-cli: chat-cli/src/auth/builder_id.rs).
 */
export async function awsDeviceLogin(choice: LoginChoice, desk: LoginDesk, clientName: string): Promise<AwsLogin> {
  const { region, startUrl } = placeOf(choice);
  const origin = choice.authUrl ?? `https://oidc.${region}.amazonaws.com`;
  const post = (path: string, fields: JsonObject) => postJson(desk, origin, path, fields);
  const client = givenClient(choice) ?? registered(await post('/client/register', registration(clientName)));
  const { clientId, clientSecret } = client;
  const begun = successOf(
    await post('/device_authorization', { clientId, clientSecret, startUrl: startUrl ?? builderIdStartUrl }),
  );
  const expiresInMs = secondsOf(begun, 'expiresIn', codeLifeSeconds) * 1_000;
  const deviceCode = requiredText(begun, 'deviceCode');
  const completeUrl = begun['verificationUriComplete'];
  desk.showCode({
    url: requiredText(begun, 'verificationUri'),
    ...(typeof completeUrl === 'string' && completeUrl !== '' ? { completeUrl } : {}),
    userCode: requiredText(begun, 'userCode'),
    expiresInMs,
  });
  const tokens = await pollDevice(
    {
      ask: () => post('/token', { clientId, clientSecret, deviceCode, grantType: deviceGrant }),
      intervalMs: secondsOf(begun, 'interval', intervalSeconds) * 1_000,
      expiresInMs,
      slower: (now) => now + slowDownMs,
    },
    desk,
  );
  return {
    region,
    startUrl,
    ...client,
    accessToken: requiredText(tokens, 'accessToken'),
    refreshToken: requiredText(tokens, 'refreshToken'),
    expiresAtMs: desk.clock.nowMs() + secondsOf(tokens, 'expiresIn', tokenLifeSeconds) * 1_000,
  };
}

/** Sends one step of a login and gives its answer, whatever the status. */
export function postJson(desk: LoginDesk, origin: string, path: string, fields: JsonObject): Promise<ProviderAnswer> {
  const headers = ['content-type', 'application/json', 'accept', 'application/json'];
  return desk.ask({ origin, method: 'POST', path, headers, body: JSON.stringify(fields) });
}

/** The answer's object. Throws `login_failed` for any status but 200. */
export function successOf(answer: ProviderAnswer): JsonObject {
  const body = jsonOf(answer);
  if (answer.status === 200) return body;
  throw refused(typeof body['error'] === 'string' ? body['error'] : undefined, answer.status);
}

/** One line on when the login ends, for the person. */
export function clientEndText({ clientEndsAtMs }: Pick<AwsLogin, 'clientEndsAtMs'>): string {
  if (clientEndsAtMs === undefined) return '';
  return `; its registration ends on ${new Date(clientEndsAtMs).toISOString().slice(0, 10)}, then a new login is needed`;
}

function placeOf({ kind, region = defaultRegion, startUrl }: LoginChoice): Pick<AwsLogin, 'region' | 'startUrl'> {
  if (!regionForm.test(region))
    throw providerFaults.login_failed('region: give an AWS region such as us-east-1 (--region)');
  if (kind !== 'idc') return { region, startUrl: undefined };
  if (startUrl === undefined || !/^https?:\/\/[\x21-\x7e]{1,1000}$/.test(startUrl)) {
    throw providerFaults.login_failed(
      "start_url: an idc login needs the organisation's start page (--start-url https://NAME.awsapps.com/start) and its region (--region)",
    );
  }
  return { region, startUrl };
}

type Client = Pick<AwsLogin, 'clientId' | 'clientSecret' | 'clientEndsAtMs'>;

function givenClient({ clientId, clientSecret }: LoginChoice): Client | undefined {
  if (clientId === undefined && clientSecret === undefined) return undefined;
  if (clientId === undefined || clientSecret === undefined) {
    throw providerFaults.login_failed('client_id and client_secret go together; without both a client is registered');
  }
  return { clientId, clientSecret, clientEndsAtMs: undefined };
}

function registration(clientName: string): JsonObject {
  return { clientName, clientType: 'public', scopes };
}

function registered(answer: ProviderAnswer): Client {
  const body = successOf(answer);
  const endsAt = secondsOf(body, 'clientSecretExpiresAt', 0);
  return {
    clientId: requiredText(body, 'clientId'),
    clientSecret: requiredText(body, 'clientSecret'),
    clientEndsAtMs: endsAt === 0 ? undefined : endsAt * 1_000,
  };
}

function secondsOf(body: JsonObject, name: string, otherwise: number): number {
  const value = body[name];
  // The last moment that a Date can hold bounds the moments, and with them the durations.
  return typeof value === 'number' && value > 0 && value <= 8_640_000_000_000 ? value : otherwise;
}
