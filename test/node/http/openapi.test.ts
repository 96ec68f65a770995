import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPermission } from '../../../node/auth/permissions.ts';
import { adminKey, startNode, type NodeUnderTest } from './node-under-test.ts';

interface Operation {
  'x-permission': string;
  summary: string;
  responses: Record<string, unknown>;
  requestBody?: { content: { 'application/json': { schema: Record<string, unknown> } } };
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
}

let node: NodeUnderTest;
beforeEach(async () => {
  node = await startNode();
});
afterEach(() => node.server.stop());

async function operations(): Promise<{ path: string; method: string; operation: Operation }[]> {
  const document = (await (await node.get('/openapi.json')).json()) as Document;
  return Object.entries(document.paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
}

describe('/openapi.json', () => {
  it('names a permission for every call, and only health, the root, the card for other nodes and logging in need no key', async () => {
    const all = await operations();
    expect(all.length).toBeGreaterThan(30);
    const open: string[] = [];
    for (const { path, operation } of all) {
      const permission = operation['x-permission'];
      expect(
        isPermission(permission) || permission === 'all' || permission === 'any' || permission === 'none',
        path,
      ).toBe(true);
      expect(operation.summary, path).not.toBe('');
      if (permission === 'none') open.push(path);
    }
    expect(open.sort()).toEqual([
      '/',
      '/auth/login',
      '/auth/logout',
      '/auth/refresh',
      '/cluster/peer',
      '/health',
      '/health/live',
      '/health/ready',
    ]);
  });

  it('describes bodies, with the fields of each provider', async () => {
    const all = await operations();
    const add = all.find(({ path, method }) => path === '/accounts' && method === 'POST');
    const schema = add?.operation.requestBody?.content['application/json'].schema;
    expect(schema).toMatchObject({
      required: ['id', 'provider'],
      'x-provider-fields': { 'kiro-api': { api_key: { type: 'string', description: 'the key' } } },
    });
  });

  it('gives every call its own operationId', async () => {
    const ids = (await operations()).map(
      ({ operation }) => (operation as unknown as Record<string, string>)['operationId'],
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('/docs', () => {
  it('is one page under a policy that allows nothing from elsewhere', async () => {
    const response = await node.get('/docs');
    expect(response.status).toBe(200);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    const page = await response.text();
    expect(page).not.toMatch(/(src|href)=/);
    expect(page).not.toMatch(/https?:\/\//);
    expect(page).not.toContain(adminKey);
  });

  it('asks a person in a browser for the key, and refuses programs as all calls do', async () => {
    const person = await fetch(`${node.url}/docs`, { headers: { accept: 'text/html,*/*' } });
    expect(person.status).toBe(401);
    expect(await person.text()).toContain('<form id="key-form">');
    const program = await fetch(`${node.url}/docs`);
    expect(await program.json()).toMatchObject({ error: { code: 'missing_credential' } });
  });
});
