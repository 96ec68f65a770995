import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handPolicy, keyHolder, namesAllowed } from '../../forward/accounting-doubles.ts';
import { limitedKey, startNode, userKey, viewerKey, type NodeUnderTest } from '../node-under-test.ts';

let node: NodeUnderTest;
beforeEach(async () => {
  node = await startNode();
  node.models.push(
    { id: 'gpt-4o-mini', ownedBy: 'openai', created: 1_700_000_000 },
    { id: 'claude-sonnet-4-5', ownedBy: 'anthropic', displayName: 'Claude Sonnet 4.5' },
    { id: 'oci/xai.grok-4', ownedBy: 'oci' },
  );
});
afterEach(() => node.server.stop());

const ids = ['claude-sonnet-4-5', 'gpt-4o-mini', 'oci/xai.grok-4'];

describe('models, as the SDKs see them', () => {
  it('OpenAI', async () => {
    const client = new OpenAI({ apiKey: userKey, baseURL: `${node.url}/v1`, maxRetries: 0 });
    const page = await client.models.list();
    expect(page.data.map((model) => model.id)).toEqual(ids);
    expect(page.data[1]).toEqual({ id: 'gpt-4o-mini', object: 'model', created: 1_700_000_000, owned_by: 'openai' });
    expect((await client.models.retrieve('oci/xai.grok-4')).id).toBe('oci/xai.grok-4');
    await expect(client.models.retrieve('nope')).rejects.toMatchObject({ status: 404 });
  });

  it('Anthropic, page by page in both directions', async () => {
    const client = new Anthropic({ apiKey: userKey, baseURL: node.url, maxRetries: 0 });
    const all: string[] = [];
    for await (const model of client.models.list({ limit: 2 })) all.push(model.id);
    expect(all).toEqual(ids);
    const before = await client.models.list({ limit: 1, before_id: 'oci/xai.grok-4' });
    expect(before.data.map((model) => model.id)).toEqual(['gpt-4o-mini']);
    expect(before.has_more).toBe(true);
    const one = await client.models.retrieve('claude-sonnet-4-5');
    expect(one).toMatchObject({ display_name: 'Claude Sonnet 4.5', created_at: '1970-01-01T00:00:00Z' });
  });

  it.each(['v1', 'v1beta', 'v1alpha'])('Gemini %s', async (apiVersion) => {
    const client = new GoogleGenAI({ apiKey: userKey, httpOptions: { baseUrl: node.url, apiVersion } });
    const all: (string | undefined)[] = [];
    for await (const model of await client.models.list({ config: { pageSize: 2 } })) all.push(model.name);
    expect(all).toEqual(ids.map((id) => `models/${id}`));
    expect((await client.models.get({ model: 'gpt-4o-mini' })).displayName).toBe('gpt-4o-mini');
  });
});

describe('models of a limited key', () => {
  const authorization = { authorization: `Bearer ${limitedKey}` };

  async function listedFor(policy: Parameters<typeof handPolicy>[0]): Promise<string[]> {
    await node.server.stop();
    node = await startNode({ limited: keyHolder(handPolicy(policy)) });
    node.models.push(
      { id: 'gpt-4o', ownedBy: 'openai', providers: ['openai-custom'] },
      { id: 'gpt-5', ownedBy: 'openai', providers: ['openai-custom', 'oci'] },
      { id: 'grok-4', ownedBy: 'oci', providers: ['oci'] },
    );
    const answer = (await (await node.get('/v1/models', authorization)).json()) as { data: { id: string }[] };
    return answer.data.map(({ id }) => id);
  }

  it('are those that it may name, of providers that it may use', async () => {
    expect(await listedFor({ allowsModel: namesAllowed('gpt-*') })).toEqual(['gpt-4o', 'gpt-5']);
    expect(await listedFor({ providers: new Set(['oci']) })).toEqual(['gpt-5', 'grok-4']);
    expect(await listedFor({})).toEqual(['gpt-4o', 'gpt-5', 'grok-4']);
  });

  it('are the only ones that it is shown by name, in any shape', async () => {
    await listedFor({ allowsModel: namesAllowed('gpt-4o') });
    for (const path of ['/v1/models/gpt-4o', '/v1beta/models/gpt-4o']) {
      expect((await node.get(path, authorization)).status).toBe(200);
    }
    for (const path of ['/v1/models/grok-4', '/v1beta/models/grok-4']) {
      expect((await node.get(path, authorization)).status).toBe(404);
    }
    const gemini = (await (await node.get('/v1beta/models', authorization)).json()) as { models: unknown[] };
    expect(gemini.models).toHaveLength(1);
  });
});

describe('models', () => {
  it('need proxy:use, and refuse in the dialect of the client', async () => {
    const viewer = await node.get('/v1/models', { authorization: `Bearer ${viewerKey}` });
    expect(viewer.status).toBe(403);
    expect(await viewer.json()).toEqual({ dialect: 'openai-chat', code: 'permission_denied' });
    const nobody = await node.get('/v1/models', { 'anthropic-version': '2023-06-01' });
    expect(nobody.status).toBe(401);
    expect(await nobody.json()).toEqual({ dialect: 'anthropic', code: 'missing_credential' });
    const gemini = await node.get('/v1beta/models', { 'x-goog-api-key': 'wrong' });
    expect(await gemini.json()).toEqual({ dialect: 'gemini', code: 'bad_credential' });
  });

  it('refuse a page size that is none, and ignore parameters they do not know', async () => {
    const bad = await node.get('/v1/models?limit=0');
    expect(bad.status).toBe(400);
    expect((await node.get('/v1/models?client_version=1.2')).status).toBe(200);
  });

  it('are refreshed once for calls that come together, and not again within the interval', async () => {
    await Promise.all([node.get('/v1/models'), node.get('/v1beta/models'), node.get('/v1/models/gpt-4o-mini')]);
    await node.get('/v1/models');
    expect(node.refreshes.count).toBe(1);
  });
});
