import { expect, test } from 'vitest';
import { startNode } from '../node-under-test.ts';

test('a node does not take its own vote, and says how it leaves', async () => {
  const node = await startNode();
  try {
    for (const query of ['', '?force=true']) {
      const response = await node.send('DELETE', `/cluster/members/node1${query}`);
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({
        error: { code: 'member_not_removed', message: expect.stringContaining('POST /cluster/leave') },
      });
    }
    expect((await node.send('DELETE', '/cluster/members/node2')).status).toBe(200);
  } finally {
    await node.server.stop();
  }
});
