import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminKey, startNode, userKey, type NodeUnderTest } from '../node-under-test.ts';

let node: NodeUnderTest;
beforeEach(async () => {
  node = await startNode();
  const busy = node.accounts.take('a', 'openai-custom', 50);
  busy.begin(Date.now(), 'm')?.succeed(Date.now(), 20);
  busy.begin(Date.now(), 'm');
  node.accounts.takeBroken('b', 'kiro-api');
});
afterEach(() => node.server.stop());

async function read(path: string): Promise<unknown> {
  const response = await node.get(path);
  expect(response.status).toBe(200);
  return response.json();
}

describe('/stats', () => {
  it('shows accounts, places, breakers and the queue', async () => {
    expect(await read('/stats/accounts')).toMatchObject({ accounts: [{ id: 'a' }, { id: 'b' }], next_cursor: null });
    expect(await read('/stats/concurrency')).toEqual({
      in_flight: 3,
      global_max_concurrency: 200,
      waiting: 2,
      accounts: [
        { account: 'a', in_flight: 1, max_concurrency: 50 },
        { account: 'b', in_flight: 0, max_concurrency: null },
      ],
    });
    expect(await read('/stats/circuit-breaker')).toMatchObject({
      enabled: true,
      open: 1,
      closed: 1,
      settings: { recovery_timeout_seconds: 300 },
      breakers: [
        { account: 'a', state: 'closed' },
        { account: 'b', state: 'open' },
      ],
    });
    expect(await read('/stats/queue')).toEqual({
      waiting: 2,
      queue_size: 2000,
      oldest_wait_ms: 12,
      rejected_count: 1,
      expired_count: 4,
    });
  });
});

describe('/admin', () => {
  it('resets all breakers, or one', async () => {
    const one = await node.send('POST', '/admin/circuit-breaker/reset', { account: 'b' });
    expect(await one.json()).toEqual({ reset: ['b'] });
    expect(node.accounts.get('b')?.breakerState(Date.now())).toBe('closed');
    const all = await node.send('POST', '/admin/circuit-breaker/reset');
    expect(await all.json()).toEqual({ reset: ['a', 'b'] });
    expect((await node.send('POST', '/admin/circuit-breaker/reset', { account: 'x' })).status).toBe(404);
    const unknown = await node.send('POST', '/admin/circuit-breaker/reset', { acount: 'b' });
    expect(await unknown.json()).toEqual({
      error: { code: 'invalid_request', field: 'acount', message: 'acount: unknown field; allowed: account' },
    });
  });

  it('tells which accounts at Oracle answer', async () => {
    const response = await node.send('GET', '/test-oci');
    expect(await response.json()).toEqual({
      ok: false,
      accounts: [
        { account: 'a', region: 'us-chicago-1', ok: true, models: 3, latency_ms: 12 },
        { account: 'b', region: null, ok: false, models: 0, latency_ms: 0, error: 'no oci today' },
      ],
    });
    expect((await node.send('GET', '/test-oci', undefined, userKey)).status).toBe(403);
  });

  it('refreshes models at once', async () => {
    node.models.push({ id: 'm', ownedBy: 'x' });
    const response = await node.send('POST', '/admin/models/refresh');
    expect(await response.json()).toEqual({
      model_count: 1,
      refreshed: ['a'],
      failed: [{ account: 'b', reason: 'timed out' }],
    });
    expect(node.refreshes.count).toBe(1);
  });
});

describe('/loadbalancer', () => {
  it('shows instances and metrics', async () => {
    expect(await read('/loadbalancer/instances')).toMatchObject({
      instances: [
        { id: 'a', healthy: true, active_connections: 1 },
        { id: 'b', provider: 'kiro-api', healthy: false },
      ],
    });
    expect(await read('/loadbalancer/metrics')).toMatchObject({
      algorithm: 'weighted_round_robin',
      total_requests: 7,
      total_errors: 5,
      active_connections: 1,
      instances: [{ id: 'a', first_byte_ms: 20 }, { id: 'b' }],
    });
  });

  it('changes the algorithm and keeps it', async () => {
    const response = await node.send('PUT', '/loadbalancer/algorithm', { algorithm: 'random' });
    expect(await response.json()).toEqual({ algorithm: 'random' });
    expect(node.management.router.algorithm).toBe('random');
    expect(node.persisted).toEqual(['routing']);
  });

  it('names the algorithms where it is given another', async () => {
    const response = await node.send('PUT', '/loadbalancer/algorithm', { algorithm: 'fastest' });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { field: string; message: string } };
    expect(error.field).toBe('algorithm');
    expect(error.message).toContain('weighted_round_robin');
    expect(node.management.router.algorithm).toBe('weighted_round_robin');
  });
});

describe('GET /metrics', () => {
  it("is Prometheus' text, for stats:read", async () => {
    await node.get('/health/live');
    const response = await node.get('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    expect(text).toContain('aiproxy_http_requests_total{protocol="management",status="200"} 1');
    expect(text).toContain('aiproxy_account_available{account="a",provider="openai-custom"} 1');
    expect(text).toContain('aiproxy_account_breaker_state{account="b",provider="kiro-api"} 2');
    expect((await node.get('/metrics', {})).status).toBe(401);
    expect((await node.get('/metrics', { 'x-api-key': userKey })).status).toBe(403);
    expect((await fetch(`${node.url}/metrics?key=${adminKey}`)).status).toBe(200);
  });

  it('may be opened', async () => {
    const open = await startNode({ areMetricsOpen: true });
    expect((await open.get('/metrics', {})).status).toBe(200);
    await open.server.stop();
  });
});
