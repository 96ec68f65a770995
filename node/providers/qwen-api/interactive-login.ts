import type { InteractiveLogin, LoginChoice, LoginDesk, LoginOutcome, ProviderAnswer } from '../contract.ts';
import { jsonOf, pollDevice, refused, requiredText } from '../device-flow.ts';
import { proofKey } from '../pkce.ts';
import { loginOrigin, publicClientId, tokenPath } from './login.ts';

const scope = 'openid profile email model.completion';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const intervalMs = 2_000;
const intervalMsMax = 10_000;
const expiresInSeconds = 900;

/** Qwen Code's device flow (QwenLM/qwen-code: qwenOAuth2.ts): all bodies are forms, with a proof key. */
export const qwenInteractiveLogin: InteractiveLogin = { kinds: ['device'], run };

async function run(choice: LoginChoice, desk: LoginDesk): Promise<LoginOutcome> {
  const origin = choice.authUrl ?? loginOrigin;
  const clientId = choice.clientId ?? publicClientId;
  const { verifier, challenge } = proofKey();
  const post = (path: string, fields: Record<string, string>) => desk.ask(form(origin, path, fields));
  const begun = await post('/api/v1/oauth2/device/code', {
    client_id: clientId,
    scope,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  const code = begunOf(begun, desk);
  const tokens = await pollDevice(
    {
      ask: () =>
        post(tokenPath, {
          grant_type: deviceGrant,
          client_id: clientId,
          device_code: code.deviceCode,
          code_verifier: verifier,
        }),
      intervalMs: code.intervalMs,
      expiresInMs: code.expiresInMs,
      slower: (now) => Math.min(now * 1.5, intervalMsMax),
    },
    desk,
  );
  const lifetimeSeconds = typeof tokens['expires_in'] === 'number' ? tokens['expires_in'] : 3600;
  return {
    credentials: {
      access_token: requiredText(tokens, 'access_token'),
      refresh_token: requiredText(tokens, 'refresh_token'),
      token_type: 'Bearer',
      ...(typeof tokens['resource_url'] === 'string' ? { resource_url: tokens['resource_url'] } : {}),
      expiry_date: desk.clock.nowMs() + lifetimeSeconds * 1000,
    },
    account: {
      ...(choice.clientId === undefined ? {} : { client_id: choice.clientId }),
      ...(choice.authUrl === undefined ? {} : { token_url: origin + tokenPath }),
    },
    summary: 'logged in to Qwen; its free tier ended in April 2026, so calls may be refused all the same',
  };
}

function begunOf(answer: ProviderAnswer, desk: LoginDesk) {
  const body = jsonOf(answer);
  if (answer.status !== 200)
    throw refused(typeof body['error'] === 'string' ? body['error'] : undefined, answer.status);
  const seconds = typeof body['expires_in'] === 'number' ? body['expires_in'] : expiresInSeconds;
  const completeUrl = body['verification_uri_complete'];
  desk.showCode({
    url: requiredText(body, 'verification_uri'),
    ...(typeof completeUrl === 'string' ? { completeUrl } : {}),
    userCode: requiredText(body, 'user_code'),
    expiresInMs: seconds * 1000,
  });
  const interval = typeof body['interval'] === 'number' ? body['interval'] * 1000 : intervalMs;
  return { deviceCode: requiredText(body, 'device_code'), expiresInMs: seconds * 1000, intervalMs: interval };
}

function form(origin: string, path: string, fields: Record<string, string>) {
  return {
    origin,
    method: 'POST',
    path,
    headers: ['content-type', 'application/x-www-form-urlencoded', 'accept', 'application/json'],
    body: new URLSearchParams(fields).toString(),
  };
}
