import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../kit/json.ts';
import { assistantTurn, bodyOf, kiroTurns, type Turns, use, userTurn } from '../codewhisperer/bodies.ts';
import { improperBreaches, namedBreaches } from '../codewhisperer/breaches.ts';
import { joinedOf, readFrames, typesOf } from '../codewhisperer/frames.ts';
import { socialProfileArn } from '../oauth-issuer.ts';
import { upstreamKey } from '../upstream.ts';
import { type KiroUpstream, startKiro } from './kiro.ts';

const plain: Turns = { ...kiroTurns, history: [], results: [], tools: [], content: 'When is the last train?' };
const tags = '<thinking_mode>enabled</thinking_mode><max_thinking_length>20000</max_thinking_length>';

describe('the scripted Kiro', () => {
  let upstream: KiroUpstream;
  beforeAll(async () => {
    upstream = await startKiro();
  });
  beforeEach(() => {
    upstream.clear();
    upstream.service.requiresProfile = false;
  });
  afterAll(() => upstream.close());

  const ask = (body: unknown, token = upstreamKey, headers: Record<string, string> = {}) =>
    fetch(`${upstream.url}/generateAssistantResponse`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
      body: JSON.stringify(body),
    });
  const framesOf = async (response: Response) => readFrames(Buffer.from(await response.arrayBuffer()));
  const complaint = () => upstream.requests.at(-1)?.complaint;

  it('takes a second turn with an image and a tool, and names no initial response', async () => {
    const response = await ask(bodyOf({ ...kiroTurns, body: { profileArn: socialProfileArn } }));
    expect([response.status, complaint()]).toEqual([200, undefined]);
    const seen = await framesOf(response);
    expect(typesOf(seen)[0]).toBe('messageMetadataEvent');
    expect(joinedOf(seen, 'assistantResponseEvent', 'content')).toBe('The tools said: First train: 05:12');
  });

  it.each(improperBreaches)('refuses %s', async (_name, body, says) => {
    const response = await ask(body(kiroTurns));
    expect(complaint()).toContain(says);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: 'Improperly formed request.', reason: null });
  });

  it.each(namedBreaches)('refuses %s by its own reason', async (_name, body, says, said) => {
    const response = await ask(body(kiroTurns));
    expect(complaint()).toContain(says);
    expect(await response.json()).toMatchObject(said);
  });

  it.each<[string, JsonObject, string]>([
    ['empty text beside results', bodyOf({ ...kiroTurns, content: '' }), 'content: is empty'],
    [
      'empty text beside calls',
      bodyOf({ ...kiroTurns, history: [userTurn('x'), assistantTurn('', [use()])] }),
      'content: is empty',
    ],
    ['thinking tags beside results', bodyOf({ ...kiroTurns, content: `${tags}\nresults` }), 'beside tool results'],
  ])('refuses %s, which Amazon Q may take', async (_name, body, says) => {
    expect((await ask(body)).status).toBe(400);
    expect(complaint()).toContain(says);
  });

  it('tells the end of the quota by 402', async () => {
    upstream.script('quota');
    const response = await ask(bodyOf(plain));
    expect(response.status).toBe(402);
    expect(await response.json()).toEqual({ message: 'You have reached the limit.', reason: 'MONTHLY_REQUEST_COUNT' });
  });

  it('sends usage as a share of the window, and as tokens where asked', async () => {
    upstream.script('token-usage');
    const { frames } = await framesOf(await ask(bodyOf(plain)));
    const { tokens } = upstream.totals;
    const said = frames.map(({ payload }) => payload as JsonObject);
    expect(said.find((payload) => payload['tokenUsage'] !== undefined)?.['tokenUsage']).toMatchObject({
      uncachedInputTokens: tokens.uncached,
      outputTokens: tokens.output,
    });
    const share = Number(said.at(-1)?.['contextUsagePercentage']);
    expect(Math.round((share / 100) * 200_000)).toBe(tokens.uncached + tokens.output);
  });

  describe('tokens and profiles', () => {
    const refresh = async (path: string, fields: JsonObject) => {
      const response = await fetch(upstream.issuer.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(fields),
      });
      return { status: response.status, body: (await response.json()) as Record<string, string> };
    };
    const social = (token: string) => refresh('/refreshToken', { refreshToken: token });
    const idc = (login: { client_id?: string; client_secret?: string; refresh_token?: string }) =>
      refresh('/token', {
        grantType: 'refresh_token',
        clientId: login.client_id ?? '',
        clientSecret: login.client_secret ?? '',
        refreshToken: login.refresh_token ?? '',
      });

    it('rotates social tokens, gives the profile, and answers a spent one with 401', async () => {
      const account = upstream.account('s1');
      const first = await social(account.refresh_token ?? '');
      expect(first).toMatchObject({ status: 200, body: { profileArn: socialProfileArn, expiresIn: 3600 } });
      expect(first.body).not.toHaveProperty('tokenType');
      const { accessToken = '' } = first.body;
      const own = bodyOf({ ...plain, body: { profileArn: socialProfileArn } });
      expect((await ask(own, accessToken)).status).toBe(200);
      expect(upstream.requests.at(-1)?.key).toBe('s1');
      expect((await social(account.refresh_token ?? '')).status).toBe(401);
      expect(upstream.issuer.reuses).toMatchObject([{ family: 's1' }]);
      const refused = await ask(own, accessToken);
      expect([refused.status, await refused.json()]).toEqual([
        403,
        { message: 'The bearer token included in the request is invalid.', reason: null },
      ]);
    });

    it('answers a spent IdC token with invalid_grant, and takes none at the other service', async () => {
      const account = upstream.account('b1', 'builder-id');
      expect((await social(account.refresh_token ?? '')).status).toBe(401);
      const first = await idc(account);
      expect(first).toMatchObject({ status: 200, body: { tokenType: 'Bearer' } });
      expect(first.body).not.toHaveProperty('profileArn');
      expect(await idc(account)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      const other = upstream.account('s2');
      expect(await idc({ ...account, ...other })).toMatchObject({ status: 400 });
    });

    it('wants a profile by a switch, of enterprise accounts always, and of no Builder ID', async () => {
      const tokenOf = async (id: string, kind: 'builder-id' | 'enterprise') =>
        (await idc(upstream.account(id, kind))).body['accessToken'] ?? '';
      const builder = await tokenOf('b2', 'builder-id');
      const enterprise = await tokenOf('e2', 'enterprise');
      const withArn = (arn: string) => bodyOf({ ...plain, body: { profileArn: arn } });
      const own = 'arn:aws:codewhisperer:us-east-1:444455556666:profile/E2';
      expect((await ask(bodyOf(plain), builder)).status).toBe(200);
      expect((await ask(withArn(socialProfileArn), builder)).status).toBe(403);
      expect((await ask(withArn(own), enterprise)).status).toBe(200);
      expect((await ask(withArn(socialProfileArn), enterprise)).status).toBe(403);
      const required = { message: 'profileArn is required for this request.', reason: null };
      expect(await (await ask(bodyOf(plain), enterprise)).json()).toEqual(required);
      upstream.service.requiresProfile = true;
      expect(await (await ask(bodyOf(plain), builder)).json()).toEqual(required);
    });

    it('takes an API key with its header alone', async () => {
      const { api_key: key = '' } = upstream.account('a1', 'api-key');
      expect((await ask(bodyOf(plain), key)).status).toBe(403);
      expect((await ask(bodyOf(plain), key, { tokentype: 'API_KEY' })).status).toBe(200);
      expect((await ask(bodyOf(plain), `${key}x`, { tokentype: 'API_KEY' })).status).toBe(403);
    });

    it('has files as the IDE keeps them', async () => {
      const { token, registration } = upstream.credsFile('f1', 'builder-id');
      expect(token['clientIdHash']).toMatch(/^[0-9a-f]{40}$/);
      const { clientId = '', clientSecret = '' } = registration ?? {};
      const login = { client_id: clientId, client_secret: clientSecret, refresh_token: token['refreshToken'] ?? '' };
      expect((await idc(login)).status).toBe(200);
      expect(upstream.credsFile('f2').token['profileArn']).toBe(socialProfileArn);
    });

    it('ends tokens at their time', async () => {
      const { body } = await social(upstream.account('s3').refresh_token ?? '');
      upstream.issuer.expireAccess();
      expect((await ask(bodyOf(plain), body['accessToken'])).status).toBe(403);
      expect([upstream.requests.at(-1)?.key, complaint()]).toEqual(['s3', expect.stringContaining('has ended')]);
    });
  });
});

describe('the scripted Kiro on its new host', () => {
  let upstream: KiroUpstream;
  beforeAll(async () => {
    upstream = await startKiro({ isRuntime: true });
  });
  afterAll(() => upstream.close());

  const ask = (body: JsonObject, headers: Record<string, string>, path: string) =>
    fetch(upstream.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${upstreamKey}`, ...headers },
      body: JSON.stringify(body),
    });
  const native = { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'high' } };

  it('wants a profile, takes native thinking, and tells why an answer ended', async () => {
    const json = { 'content-type': 'application/json' };
    expect((await ask(bodyOf(plain), json, '/generateAssistantResponse')).status).toBe(400);
    const body = { profileArn: socialProfileArn, agentMode: 'vibe', additionalModelRequestFields: native };
    const response = await ask(bodyOf({ ...plain, body }), json, '/generateAssistantResponse');
    expect(response.status).toBe(200);
    const seen = readFrames(Buffer.from(await response.arrayBuffer()));
    expect(joinedOf(seen, 'reasoningContentEvent', 'text')).not.toBe('');
    expect(joinedOf(seen, 'metadataEvent', 'stopReason')).toBe('END_TURN');
  });

  it('has the JSON form under its own target', async () => {
    const headers = (target: string) => ({ 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target });
    const body = bodyOf({ ...plain, body: { profileArn: socialProfileArn } });
    const response = await ask(body, headers('KiroRuntimeService.GenerateAssistantResponse'), '/');
    expect(typesOf(readFrames(Buffer.from(await response.arrayBuffer())))[0]).toBe('initial-response');
    const old = 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse';
    expect((await ask(body, headers(old), '/')).status).toBe(400);
  });
});
