import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startNode, viewerKey, type NodeUnderTest } from '../node-under-test.ts';

let node: NodeUnderTest;
beforeEach(async () => {
  node = await startNode();
});
afterEach(() => node.server.stop());

const secret = 'sk-upstream-secret';

function problem(code: string, field?: string) {
  const error = { code, message: expect.any(String) };
  return { error: field === undefined ? error : { ...error, field } };
}

describe('GET /accounts/stats', () => {
  it('has the fields of the Amazon Q proxy, to the letter', async () => {
    const used = node.accounts.take('a');
    used.begin(Date.parse('2030-01-02'), 'm')?.succeed(Date.parse('2030-01-02'), 5);
    node.accounts.takeBroken('b');
    const response = await node.get('/accounts/stats');
    expect(await response.json()).toEqual({
      total_accounts: 2,
      available_accounts: 1,
      total_requests: 6,
      total_errors: 5,
      total_successes: 1,
      strategy: 'weighted_round_robin',
      circuit_breaker_enabled: true,
      accounts: [
        {
          id: 'a',
          enabled: true,
          weight: 10,
          request_count: 1,
          error_count: 0,
          success_count: 1,
          last_used_at: '2030-01-02T00:00:00.000Z',
          circuit_breaker_open: false,
          is_available: true,
        },
        {
          id: 'b',
          enabled: true,
          weight: 10,
          request_count: 5,
          error_count: 5,
          success_count: 0,
          last_used_at: expect.stringMatching(/^20.*Z$/),
          circuit_breaker_open: true,
          is_available: false,
        },
      ],
    });
  });
});

describe('POST /accounts', () => {
  it('adds an account, keeps it, and never shows its secret', async () => {
    const response = await node.send('POST', '/accounts', {
      id: 'work',
      provider: 'openai-custom',
      api_key: secret,
      weight: 3,
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe('/accounts/work');
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ id: 'work', weight: 3, settings: { provider: 'openai-custom' } });
    expect(text).not.toContain(secret);
    expect(text).not.toContain('api_key');
    expect(node.persisted).toEqual(['accounts']);
    const shown = await node.get('/accounts/work');
    expect(shown.status).toBe(200);
    expect(await shown.text()).not.toContain(secret);
  });

  it('names the field that is wrong and what is allowed', async () => {
    const bad = async (body: unknown) => {
      const response = await node.send('POST', '/accounts', body);
      expect(response.status).toBe(400);
      return (await response.json()) as { error: { code: string; message: string; field?: string } };
    };
    expect(await bad({ provider: 'openai-custom' })).toEqual(problem('invalid_request', 'id'));
    expect(await bad({ id: '../x', provider: 'openai-custom' })).toEqual(problem('invalid_request', 'id'));
    const provider = await bad({ id: 'a', provider: 'nope' });
    expect(provider.error.field).toBe('provider');
    expect(provider.error.message).toContain('openai-custom');
    const weight = await bad({ id: 'a', provider: 'openai-custom', weight: 'heavy' });
    expect(weight.error.message).toMatch(/^weight: .*number/);
    const models = await bad({ id: 'a', provider: 'openai-custom', models: ['x', 1] });
    expect(models.error.field).toBe('models[1]');
    expect(await bad({ id: 'a', provider: 'openai-custom' })).toEqual(problem('bad_account', 'api_key'));
    expect(node.accounts.all).toHaveLength(0);
    expect(node.persisted).toEqual([]);
  });

  it('refuses an id that is taken', async () => {
    const body = { id: 'a', provider: 'openai-custom', api_key: secret };
    await node.send('POST', '/accounts', body);
    const again = await node.send('POST', '/accounts', body);
    expect(again.status).toBe(409);
    expect(await again.json()).toEqual(problem('account_exists', 'id'));
  });

  it('refuses a body that is not JSON, missing, or over 1 MB', async () => {
    const malformed = await node.send('POST', '/accounts', `{"api_key": "${secret}", `);
    expect(malformed.status).toBe(400);
    const text = await malformed.text();
    expect(JSON.parse(text)).toEqual(problem('invalid_json'));
    expect(text).not.toContain(secret);
    const missing = await node.send('POST', '/accounts');
    expect(missing.status).toBe(400);
    const large = await node.send('POST', '/accounts', { id: 'a'.repeat(1024 * 1024) });
    expect(large.status).toBe(413);
    expect(await large.json()).toEqual(problem('body_too_large'));
  });
});

describe('PATCH and DELETE /accounts/{id}', () => {
  it('change and remove', async () => {
    node.accounts.take('a');
    const changed = await node.send('PATCH', '/accounts/a', { weight: 42 });
    expect(await changed.json()).toMatchObject({ id: 'a', weight: 42 });
    const removed = await node.send('DELETE', '/accounts/a');
    expect(removed.status).toBe(204);
    expect(await removed.text()).toBe('');
    expect((await node.get('/accounts/a')).status).toBe(404);
    expect(node.persisted).toEqual(['accounts', 'accounts']);
  });

  it('leave id and provider alone', async () => {
    node.accounts.take('a');
    const response = await node.send('PATCH', '/accounts/a', { id: 'b' });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: { code: 'invalid_request', field: 'id', message: 'id: the id of an account cannot be changed' },
    });
  });
});

describe('POST /accounts/{id}/…', () => {
  it('disables and enables', async () => {
    node.accounts.take('a');
    const disabled = await node.send('POST', '/accounts/a/disable');
    expect(await disabled.json()).toMatchObject({ enabled: false, is_available: false });
    const enabled = await node.send('POST', '/accounts/a/enable');
    expect(await enabled.json()).toMatchObject({ enabled: true, is_available: true });
    expect(node.persisted).toEqual(['accounts', 'accounts']);
  });

  it('resets breaker and rest', async () => {
    node.accounts.takeBroken('a');
    expect(await (await node.get('/accounts/a')).json()).toMatchObject({
      breaker: { state: 'open', opened_count: 1 },
      is_available: false,
    });
    const reset = await node.send('POST', '/accounts/a/reset');
    expect(await reset.json()).toMatchObject({ breaker: { state: 'closed' }, is_available: true });
    node.accounts.takeResting('b');
    expect(await (await node.get('/accounts/b')).json()).toMatchObject({ rests_until: expect.stringMatching(/Z$/) });
    const rested = await node.send('POST', '/accounts/b/reset');
    expect(await rested.json()).toMatchObject({ rests_until: null, is_available: true });
  });

  it('refreshes tokens where there are any', async () => {
    node.accounts.take('key');
    node.accounts.take('oauth', 'kiro-api');
    expect((await node.send('POST', '/accounts/oauth/refresh')).status).toBe(200);
    expect(node.accounts.refreshed).toEqual(['oauth']);
    const refused = await node.send('POST', '/accounts/key/refresh');
    expect(refused.status).toBe(409);
    expect(await refused.json()).toEqual(problem('refresh_not_supported'));
  });

  it('needs accounts:write, and an account that exists', async () => {
    node.accounts.take('a');
    expect((await node.send('POST', '/accounts/a/disable', undefined, viewerKey)).status).toBe(403);
    for (const verb of ['enable', 'disable', 'reset', 'refresh']) {
      const unknown = await node.send('POST', `/accounts/x/${verb}`);
      expect(unknown.status).toBe(404);
      expect(await unknown.json()).toEqual(problem('account_not_found'));
    }
  });
});
