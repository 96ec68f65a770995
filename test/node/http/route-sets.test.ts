import { afterEach, describe, expect, it } from 'vitest';
import {
  adminPortRoutes,
  metricsPortRoutes,
  onePortRoutes,
  proxyPortRoutes,
  type RouteSetParts,
} from '../../../node/http/route-sets.ts';
import type { Route } from '../../../node/http/define-route.ts';
import { startNode, type NodeUnderTest } from './node-under-test.ts';

let node: NodeUnderTest | undefined;
afterEach(async () => {
  await node?.server.stop();
  node = undefined;
});

const management = ['/accounts/stats', '/users', '/keys', '/roles', '/usage', '/traces', '/prices', '/auth/me'];
const paths = ['/health', '/health/live', '/v1/models', ...management, '/metrics', '/openapi.json', '/docs'];

/** Which of the paths exist on a port with these routes. */
async function served(routes: (parts: RouteSetParts) => Route[]): Promise<string[]> {
  const running = await startNode({ routes });
  node = running;
  running.accounts.take('a');
  const statuses = await Promise.all(paths.map(async (path) => (await running.get(path)).status));
  expect(statuses.every((status) => status === 200 || status === 404)).toBe(true);
  return paths.filter((_, at) => statuses[at] === 200);
}

describe('the routes of a port', () => {
  it('are all of them where there is one port', async () => {
    expect(await served(onePortRoutes)).toEqual(paths);
  });

  it('are those of clients on the proxy port of two', async () => {
    expect(await served(proxyPortRoutes)).toEqual(['/health', '/health/live', '/v1/models']);
  });

  it('are those of management on the admin port', async () => {
    expect(await served(adminPortRoutes)).toEqual([
      '/health',
      '/health/live',
      ...management,
      '/metrics',
      '/openapi.json',
      '/docs',
    ]);
  });

  it('are metrics and health on a port for Prometheus', async () => {
    expect(await served(metricsPortRoutes)).toEqual(['/health', '/health/live', '/metrics']);
  });
});
