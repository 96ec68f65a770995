import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../kit/json.ts';
import { type KiroUpstream, startKiro } from '../kiro/kiro.ts';
import { upstreamKey } from '../upstream.ts';
import { assistantModels } from './start.ts';

describe('calls beside the chat', () => {
  let upstream: KiroUpstream;
  beforeAll(async () => {
    upstream = await startKiro();
  });
  beforeEach(() => upstream.clear());
  afterAll(() => upstream.close());

  const authorization = { authorization: `Bearer ${upstreamKey}` };
  const get = (path: string) => fetch(upstream.url + path, { headers: authorization });
  const post = (operation: string, body: JsonObject, prefix = 'AmazonCodeWhispererService') =>
    fetch(`${upstream.url}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `${prefix}.${operation}`,
        ...authorization,
      },
      body: JSON.stringify(body),
    });
  interface Listed {
    models: { modelId: string }[];
    nextToken: string | null;
  }

  it('lists models page by page, in both forms', async () => {
    const found: string[] = [];
    let token: string | null = '';
    for (let page = 0; token !== null; page++) {
      const query = token === '' ? '' : `&nextToken=${token}`;
      const { models, nextToken } = (await (
        await get(`/ListAvailableModels?origin=AI_EDITOR${query}`)
      ).json()) as Listed;
      found.push(...models.map(({ modelId }) => modelId));
      token = page > 9 ? null : nextToken;
    }
    expect(found).toEqual(assistantModels);
    const json = (await (await post('ListAvailableModels', { origin: 'KIRO_CLI', maxResults: 1 })).json()) as Listed;
    expect(json.models.map(({ modelId }) => modelId)).toEqual(assistantModels.slice(0, 1));
    expect(upstream.calls).toMatchObject({ ListAvailableModels: 4, GenerateAssistantResponse: 0 });
  });

  it.each([
    ['/ListAvailableModels', 'origin'],
    ['/ListAvailableModels?origin=AI_EDITOR&nextToken=mine', 'nextToken'],
    ['/ListAvailableModels?origin=AI_EDITOR&maxResults=0', 'maxResults'],
    ['/ListAvailableModels?origin=AI_EDITOR&limit=3', 'limit is not known'],
    ['/getUsageLimits?origin=AI_EDITOR', 'resourceType'],
  ])('refuses %s', async (path, says) => {
    expect((await get(path)).status).toBe(400);
    expect(upstream.requests.at(-1)?.complaint).toContain(says);
  });

  it('tells usage, on the old paths and the new', async () => {
    upstream.service.usage.used = 49.5;
    const said = { nextDateReset: Date.UTC(2030, 0, 1) / 1000 };
    const list = { usageBreakdownList: [{ currentUsageWithPrecision: 49.5, usageLimitWithPrecision: 50 }] };
    const given = { origin: 'AI_EDITOR', resourceType: 'AGENTIC_REQUEST' };
    for (const response of [
      await get('/getUsageLimits?origin=AI_EDITOR&resourceType=AGENTIC_REQUEST&isEmailRequired=true'),
      await get('/Get-Usage-Limits?origin=KIRO_CLI&resourceType=CREDIT&isEmailRequired=false'),
      await post('GetUsageLimits', given),
      await post('GetUsageLimits', given, 'KiroControlPlaneBearerService'),
    ])
      expect(await response.json()).toMatchObject({ ...said, ...list });
    expect(upstream.calls.GetUsageLimits).toBe(4);
  });

  it('lists the profiles of those who have some', async () => {
    const ask = async (id: string, kind: 'social' | 'builder-id') => {
      upstream.account(id, kind);
      const { accessToken } = upstream.issuer.grant(id, kind === 'social');
      const response = await fetch(`${upstream.url}/List-Available-Profiles`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
        body: '{}',
      });
      return { status: response.status, body: (await response.json()) as JsonObject };
    };
    expect((await ask('s1', 'social')).body).toMatchObject({ profiles: [{ profileName: 'profile of s1' }] });
    expect(await ask('b1', 'builder-id')).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('not supported for this operation') as string },
    });
  });

  it('knows suspended accounts, and leaves scripts of the chat alone', async () => {
    const usage = () => get('/getUsageLimits?origin=AI_EDITOR&resourceType=CREDIT');
    upstream.script('429', { times: 1 });
    expect((await usage()).status).toBe(200);
    const remove = upstream.script('suspended');
    expect(await (await usage()).json()).toMatchObject({ reason: 'TEMPORARILY_SUSPENDED' });
    remove();
    upstream.script('503', { path: '/getUsageLimits', times: 1 });
    expect([(await usage()).status, (await usage()).status]).toEqual([503, 200]);
  });
});
