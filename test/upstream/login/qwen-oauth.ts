import { createHash } from 'node:crypto';
import type { LoginProtocol } from './login-service.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** Qwen's device login: forms in snake case, with a proof key. */
export function qwenOauth(): LoginProtocol {
  return ({ path, isForm, fields }, state) => {
    if (!isForm) return state.complain('Qwen takes forms');
    if (path === '/api/v1/oauth2/device/code') {
      const { code_challenge: challenge, code_challenge_method: method, scope } = fields;
      if (method !== 'S256' || typeof challenge !== 'string' || typeof scope !== 'string')
        return state.complain('no proof key');
      state.kept.set('challenge', challenge).set('device', state.fresh('device'));
      return {
        status: 200,
        body: {
          device_code: state.kept.get('device'),
          user_code: 'QWEN-CODE',
          verification_uri: `${state.url}/authorize`,
          verification_uri_complete: `${state.url}/authorize?user_code=QWEN-CODE`,
          expires_in: 900,
        },
      };
    }
    if (path !== '/api/v1/oauth2/token') return undefined;
    const { grant_type: grant, device_code: device, code_verifier: verifier } = fields;
    const challenge = createHash('sha256').update(String(verifier)).digest('base64url');
    if (grant !== deviceGrant || device !== state.kept.get('device') || challenge !== state.kept.get('challenge'))
      return state.complain('another device');
    const word = state.nextWord();
    // Too many polls are answered with 429.
    if (word !== undefined) return { status: word === 'slow_down' ? 429 : 400, body: { error: word } };
    const access_token = state.fresh('qwen-at');
    return {
      status: 200,
      body: {
        access_token,
        refresh_token: state.fresh('qwen-rt'),
        token_type: 'Bearer',
        resource_url: 'portal.qwen.ai',
        expires_in: 21_600,
      },
    };
  };
}
