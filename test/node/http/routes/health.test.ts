import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startNode, type NodeUnderTest } from '../node-under-test.ts';

let node: NodeUnderTest;
beforeEach(async () => {
  node = await startNode();
});
afterEach(() => node.server.stop());

describe('GET /health', () => {
  it('counts accounts without a key', async () => {
    node.accounts.take('a');
    node.accounts.takeBroken('b');
    const response = await node.get('/health', {});
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'healthy',
      accounts: { total: 2, available: 1, unavailable: 1 },
      store: 'well',
    });
  });

  it('is 503 when no account is available', async () => {
    node.accounts.takeResting('a');
    const response = await node.get('/health', {});
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: 'unhealthy',
      accounts: { total: 1, available: 0, unavailable: 1 },
      store: 'well',
    });
  });

  it('says how to add an account where there is none', async () => {
    const response = await node.get('/health', {});
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      accounts: { total: 0, available: 0, unavailable: 0 },
      store: 'well',
      hint: expect.stringContaining('POST /accounts'),
    });
  });
});

describe('GET /health/ready', () => {
  it('follows the node through its life', async () => {
    expect((await node.get('/health/ready', {})).status).toBe(200);
    node.readiness.enter('joining');
    const joining = await node.get('/health/ready', {});
    expect(joining.status).toBe(503);
    expect(await joining.json()).toEqual({ status: 'joining' });
    node.readiness.enter('draining');
    node.readiness.enter('ready');
    expect((await node.get('/health/ready', {})).status).toBe(503);
    expect((await node.get('/health/live', {})).status).toBe(200);
  });
});
