import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AmazonqUpstream, startAmazonq } from '../amazonq/amazonq.ts';

type Answer = Record<string, string | number>;

describe('logins', () => {
  let upstream: AmazonqUpstream;
  beforeAll(async () => {
    upstream = await startAmazonq();
  });
  afterAll(() => upstream.close());

  const post = async (path: string, fields: unknown) => {
    const response = await fetch(upstream.issuer.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    });
    return { status: response.status, body: (await response.json()) as Answer };
  };
  const register = (change: Record<string, unknown> = {}) =>
    post('/client/register', {
      clientName: 'tester',
      clientType: 'public',
      scopes: ['codewhisperer:completions', 'codewhisperer:conversations'],
      ...change,
    });
  const begin = async () => {
    const { clientId, clientSecret } = (await register()).body;
    const client = { clientId, clientSecret };
    const device = await post('/device_authorization', { ...client, startUrl: 'https://view.awsapps.com/start' });
    const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
    const poll = () => post('/token', { ...client, grantType, deviceCode: device.body['deviceCode'] });
    return { client, device, poll, userCode: String(device.body['userCode']) };
  };

  it('go by a device code: pending, slower, confirmed, once', async () => {
    const { device, poll, userCode, client } = await begin();
    expect(device.body).toMatchObject({ interval: 1, expiresIn: 600 });
    expect(String(device.body['verificationUriComplete'])).toContain(userCode);
    expect((await poll()).body['error']).toBe('authorization_pending');
    upstream.logins.decide(userCode, 'slow');
    expect((await poll()).body['error']).toBe('slow_down');
    upstream.logins.decide(userCode, 'confirmed');
    const { status, body } = await poll();
    expect([status, body['tokenType']]).toEqual([200, 'Bearer']);
    expect(upstream.issuer.isGood(String(body['accessToken']))).toBe(true);
    expect((await poll()).status).toBe(400);
    // What a login's own client got is refreshed with that client.
    const refreshed = await post('/token', {
      ...client,
      grantType: 'refresh_token',
      refreshToken: body['refreshToken'],
    });
    expect(refreshed.status).toBe(200);
    expect(upstream.logins.counts).toMatchObject({ registrations: 1, deviceCodes: 1, polls: 4 });
  });

  it.each([
    ['denied', 'access_denied'],
    ['expired', 'expired_token'],
  ] as const)('end when they are %s', async (decision, error) => {
    const { poll, userCode } = await begin();
    upstream.logins.decide(userCode, decision);
    expect(await poll()).toMatchObject({ status: 400, body: { error } });
  });

  it('refuse a wrong client, scope, kind and start URL', async () => {
    expect((await register({ scopes: ['openid'] })).body['error']).toBe('invalid_scope');
    expect((await register({ clientType: 'confidential' })).body['error']).toBe('invalid_request');
    const { client } = await begin();
    const startUrl = 'https://view.awsapps.com/start';
    expect((await post('/device_authorization', { ...client, startUrl: 'https://example.org' })).status).toBe(400);
    expect((await post('/device_authorization', { ...client, clientSecret: 'x', startUrl })).status).toBe(401);
  });

  describe('at Kiro', () => {
    const verifier = 'v'.repeat(50);
    const redirect = 'kiro://kiro.kiroAgent/authenticate-success';
    const page = (change: Record<string, string> = {}) => {
      const query = new URLSearchParams({
        idp: 'Google',
        redirect_uri: redirect,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        state: 'st',
        ...change,
      });
      return fetch(`${upstream.issuer.url}/login?${query.toString()}`, { redirect: 'manual' });
    };

    it('go through the browser and prove who began', async () => {
      const location = new URL((await page()).headers.get('location') ?? '');
      expect(location.searchParams.get('state')).toBe('st');
      const code = location.searchParams.get('code');
      const redeem = (more: object = {}) =>
        post('/oauth/token', { code, code_verifier: verifier, redirect_uri: redirect, ...more });
      expect((await redeem({ code_verifier: 'other' })).status).toBe(401);
      const { status, body } = await redeem();
      expect(status).toBe(200);
      expect(body['profileArn']).toMatch(/^arn:aws:codewhisperer:/);
      expect((await post('/refreshToken', { refreshToken: body['refreshToken'] })).status).toBe(200);
      expect((await redeem()).status).toBe(401);
    });

    it.each<Record<string, string>>([
      { idp: 'Facebook' },
      { code_challenge_method: 'plain' },
      { state: '' },
      { redirect_uri: 'https://example.org/' },
      { redirect_uri: 'http://localhost:3128/' },
    ])('refuse %j', async (change) => {
      expect((await page(change)).status).toBe(400);
    });
  });
});
