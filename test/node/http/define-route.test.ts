import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineRoute } from '../../../node/http/define-route.ts';
import { adminKey, startNode, type NodeUnderTest } from './node-under-test.ts';

let node: NodeUnderTest | undefined;
afterEach(async () => {
  await node?.server.stop();
  node = undefined;
});

const clear = defineRoute({
  method: 'DELETE',
  path: '/clear',
  permission: 'cache:write',
  tag: 'test',
  summary: 'Takes a filter',
  query: z.strictObject({ model: z.string().optional() }),
  response: z.strictObject({ model: z.string().nullable(), caller: z.string().optional() }),
  handler: ({ query, caller }) => ({ model: query.model ?? null, caller: caller?.id }),
});

const byKey = defineRoute({
  method: 'GET',
  path: '/by-key/{name}',
  permission: 'stats:read',
  tag: 'test',
  summary: 'Has a parameter called key of its own',
  params: z.strictObject({ name: z.string() }),
  query: z.strictObject({ key: z.string().optional(), limit: z.coerce.number().int().max(10).optional() }),
  response: z.unknown(),
  handler: ({ query, params }) => ({ ...query, ...params }),
});

async function answer(path: string, method = 'GET'): Promise<{ status: number; body: unknown }> {
  node ??= await startNode({ routes: () => [clear, byKey] });
  const response = await node.send(method, path);
  return { status: response.status, body: await response.json() };
}

describe('a route', () => {
  it('gets its query and its caller', async () => {
    expect(await answer('/clear?model=gpt', 'DELETE')).toEqual({
      status: 200,
      body: { model: 'gpt', caller: 'admin' },
    });
  });

  it('refuses a query parameter that it does not know: a typo must not clear everything', async () => {
    expect(await answer('/clear?modle=gpt', 'DELETE')).toEqual({
      status: 400,
      body: { error: { code: 'invalid_request', field: 'modle', message: 'modle: unknown field; allowed: model' } },
    });
    expect(await answer('/clear?model=a&model=b', 'DELETE')).toMatchObject({ status: 400 });
  });

  it('does not see the key that its caller sent in the query', async () => {
    node = await startNode({ routes: () => [clear] });
    const response = await fetch(`${node.url}/clear?key=${adminKey}`, { method: 'DELETE' });
    expect(await response.json()).toEqual({ model: null, caller: 'admin' });
  });

  it('sees a parameter called key that it declares', async () => {
    expect(await answer('/by-key/a%2Fb?key=k1&limit=3')).toEqual({
      status: 200,
      body: { key: 'k1', limit: 3, name: 'a/b' },
    });
    expect(await answer('/by-key/x?limit=11')).toMatchObject({ status: 400, body: { error: { field: 'limit' } } });
  });

  it('takes a trailing slash', async () => {
    expect(await answer('/by-key/x/')).toMatchObject({ status: 200, body: { name: 'x' } });
  });
});
