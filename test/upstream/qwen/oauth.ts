import { createHash, randomBytes } from 'node:crypto';
import type { ApiCall } from '../api.ts';
import { OauthFamilies } from '../oauth-families.ts';
import type { WireAnswer } from '../wire-event.ts';

export const qwenClientId = 'f0304373b74a44d2b584a3fb70ca9e56';
const scope = 'openid profile email model.completion';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** What a poll of the device flow, or a refresh, meets before its answer. */
export type DeskMood = 'authorization_pending' | 'slow_down' | 'slow_down_400' | 'expired_token' | 'access_denied' | '503' | 'html' | 'empty'; // prettier-ignore

interface Device {
  name: string;
  challenge: string;
}

/** chat.qwen.ai's login service: device flow with PKCE, refresh with rotation. All bodies are forms. */
export class QwenOauth {
  readonly families = new OauthFamilies();
  /** What the next requests to the token address meet, in order. */
  readonly moods: DeskMood[] = [];
  /** Absent from answers when undefined. */
  resourceUrl: string | undefined = 'portal.qwen.ai';
  lifetimeSeconds = 21_600;
  rotates = true;
  readonly #devices = new Map<string, Device>();

  /** The answer to a request of the login service; undefined for another path. */
  answer(call: ApiCall): WireAnswer | undefined {
    const form = formOf(call);
    if (call.path === '/api/v1/oauth2/device/code') return form === undefined ? notAForm : this.#device(form);
    if (call.path === '/api/v1/oauth2/token') return form === undefined ? notAForm : this.#token(form);
    return undefined;
  }

  #device(form: URLSearchParams): WireAnswer {
    const wanted = ['client_id', 'scope', 'code_challenge', 'code_challenge_method'];
    if (!hasExactly(form, wanted)) return oauthError(400, 'invalid_request');
    if (form.get('client_id') !== qwenClientId || form.get('scope') !== scope) return oauthError(400, 'invalid_client');
    const challenge = form.get('code_challenge') ?? '';
    if (form.get('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(challenge)) {
      return oauthError(400, 'invalid_request');
    }
    const code = randomBytes(16).toString('hex');
    this.#devices.set(code, { name: `device-${this.#devices.size + 1}`, challenge });
    return json(200, {
      device_code: code,
      user_code: 'ABCD-EFGH',
      verification_uri: 'https://chat.qwen.ai/authorize',
      verification_uri_complete: 'https://chat.qwen.ai/authorize?user_code=ABCD-EFGH&client=qwen-code',
      expires_in: 900,
    });
  }

  #token(form: URLSearchParams): WireAnswer {
    const mood = this.moods.shift();
    if (mood !== undefined) return moodAnswer(mood);
    if (form.get('client_id') !== qwenClientId) return oauthError(400, 'invalid_client');
    if (form.get('grant_type') === deviceGrant) return this.#poll(form);
    if (form.get('grant_type') !== 'refresh_token') return oauthError(400, 'unsupported_grant_type');
    if (!hasExactly(form, ['grant_type', 'refresh_token', 'client_id'])) return oauthError(400, 'invalid_request');
    return this.#spend(form.get('refresh_token') ?? '');
  }

  #poll(form: URLSearchParams): WireAnswer {
    if (!hasExactly(form, ['grant_type', 'client_id', 'device_code', 'code_verifier']))
      return oauthError(400, 'invalid_request');
    const device = this.#devices.get(form.get('device_code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (device === undefined || device.challenge !== challenge) return oauthError(400, 'invalid_grant');
    this.#devices.delete(form.get('device_code') ?? '');
    return this.#spend(this.families.open(device.name));
  }

  #spend(refreshToken: string): WireAnswer {
    const pair = this.families.spend(refreshToken, this.lifetimeSeconds * 1000, this.rotates);
    if (pair === undefined) return oauthError(400, 'invalid_request', 'Invalid refresh token or client_id');
    return json(200, {
      access_token: pair.accessToken,
      ...(this.rotates ? { refresh_token: pair.refreshToken } : {}),
      token_type: 'Bearer',
      expires_in: this.lifetimeSeconds,
      ...(this.resourceUrl === undefined ? {} : { resource_url: this.resourceUrl }),
    });
  }
}

function formOf({ request, body }: ApiCall): URLSearchParams | undefined {
  const isForm = /^application\/x-www-form-urlencoded\b/.test(String(request.headers['content-type']));
  const isPost = request.method === 'POST' && /application\/json/.test(String(request.headers.accept));
  return isForm && isPost ? new URLSearchParams(body.toString()) : undefined;
}

function hasExactly(form: URLSearchParams, names: readonly string[]): boolean {
  const given = [...form.keys()];
  return given.length === names.length && names.every((name) => form.get(name));
}

function moodAnswer(mood: DeskMood): WireAnswer {
  if (mood === '503') return { status: 503, headers: { 'content-type': 'text/plain' }, body: 'upstream connect error' };
  if (mood === 'html')
    return { status: 405, headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>WAF</title>' };
  if (mood === 'empty') return { status: 200, headers: {}, body: '' };
  if (mood === 'slow_down') return oauthError(429, 'slow_down');
  return oauthError(400, mood === 'slow_down_400' ? 'slow_down' : mood);
}

const oauthError = (status: number, error: string, description = `the request was refused: ${error}`): WireAnswer =>
  json(status, { error, error_description: description });
const notAForm = oauthError(400, 'invalid_request', 'the body must be a form');

function json(status: number, body: object): WireAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
