import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminKey, startNode, userKey, viewerKey, type NodeUnderTest } from '../node-under-test.ts';

let node: NodeUnderTest;
beforeEach(async () => {
  node = await startNode();
});
afterEach(() => node.server.stop());

describe('/cache', () => {
  it('shows its numbers', async () => {
    const response = await node.get('/cache/stats');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      enabled: false,
      entries: 0,
      size_bytes: 0,
      max_size_bytes: 1024 * 1024,
      hits: 0,
      misses: 0,
      hit_rate: 0,
      evictions: 0,
      expired: 0,
      coalesced: 0,
      peer_hits: 0,
      ttl_seconds: 60,
      epoch: '0',
    });
  });

  it('is switched and cleared', async () => {
    const enabled = await node.send('PUT', '/cache/enable');
    expect(await enabled.json()).toEqual({ enabled: true, acknowledged: ['node1'], missing: [] });
    const disabled = await node.send('PUT', '/cache/disable');
    expect(await disabled.json()).toEqual({ enabled: false, acknowledged: ['node1'], missing: [] });
    const cleared = await node.send('DELETE', '/cache/clear?key=k');
    expect(await cleared.json()).toEqual({ cleared: 0, acknowledged: ['node1'], missing: [] });
  });

  it.each(['?model=', `?model=${'x'.repeat(200)}`, '?tag=a&key=b', '?everything=1'])(
    'refuses to clear by %s',
    async (query) => {
      expect((await node.send('DELETE', `/cache/clear${query}`)).status).toBe(400);
    },
  );

  it('may be read by some, changed by fewer', async () => {
    const statuses = async (key: string) => [
      (await node.send('GET', '/cache/stats', undefined, key)).status,
      (await node.send('DELETE', '/cache/clear', undefined, key)).status,
      (await node.send('PUT', '/cache/enable', undefined, key)).status,
      (await node.send('PUT', '/cache/disable', undefined, key)).status,
    ];
    expect(await statuses(adminKey)).toEqual([200, 200, 200, 200]);
    expect(await statuses(viewerKey)).toEqual([200, 403, 403, 403]);
    expect(await statuses(userKey)).toEqual([403, 403, 403, 403]);
  });
});
