import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import type { Route } from '../../../node/http/define-route.ts';
import { onePortRoutes } from '../../../node/http/route-sets.ts';
import { documentationRoutes } from '../../../node/http/routes/openapi.ts';
import { walkPermissions } from '../../suites/permission-walk.ts';
import { realPeople, type RealPeople } from './real-people.ts';
import { adminKey, startNode, type NodeOptions, type NodeUnderTest } from './node-under-test.ts';

let node: NodeUnderTest;
afterEach(() => node.server.stop());

describe('every route', () => {
  let people: RealPeople | undefined;
  afterEach(async () => {
    await people?.stop();
    people = undefined;
  });

  async function walk(routes?: NodeOptions['routes'], isReal = false) {
    let aheadMs = 0;
    const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
    people = isReal ? await realPeople(clock) : undefined;
    const desks = people === undefined ? {} : { people: people.desks };
    node = await startNode({ clock, ...desks, ...(routes === undefined ? {} : { routes }) });
    const passAnHour = () => void (aheadMs += 3_600_001);
    return walkPermissions({ url: node.url, adminKey, passAnHour, hasDataPlane: false });
  }

  it.each([false, true])('is open to those with its permission and to nobody else (records: %s)', async (isReal) => {
    const { calls, routes, problems } = await walk(undefined, isReal);
    expect(problems).toEqual([]);
    expect(routes).toBeGreaterThan(50);
    expect(calls).toBeGreaterThan(1_200);
  });

  it.each(['', 'users:all', undefined, 'stats:read', 'none'])(
    'is found out when the document says %j of it and that is not so',
    async (said) => {
      const lied = (route: Route) => ({ ...route, permission: said }) as unknown as Route;
      const { problems } = await walk((parts) => {
        const routes = onePortRoutes(parts).filter(({ tag }) => tag !== 'documentation');
        const told = routes.map((route) => (route.path === '/cache/stats' ? lied(route) : route));
        return [...routes, ...documentationRoutes(told, '1')];
      });
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.every((problem) => problem.includes('/cache/stats'))).toBe(true);
    },
  );
});

describe('a key with networks', () => {
  async function get(key: string, forwardedFor?: string) {
    const headers = { 'x-api-key': key, ...(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }) };
    return fetch(`${node.url}/accounts/stats`, { headers });
  }

  async function keyFrom(...networks: string[]): Promise<string> {
    const made = await node.send('POST', '/keys', { name: 'n', role: 'viewer', networks });
    return ((await made.json()) as { key: string }).key;
  }

  it('is refused from elsewhere, naming the field', async () => {
    node = await startNode();
    expect((await get(await keyFrom('127.0.0.1'))).status).toBe(200);
    const refused = await get(await keyFrom('192.0.2.1'));
    expect(refused.status).toBe(403);
    expect(await refused.json()).toEqual({
      error: { code: 'address_not_allowed', field: 'networks', message: 'your key may not be used from 127.0.0.1' },
    });
  });

  it('is judged by what trusted proxies tell, and by nobody else', async () => {
    node = await startNode({ trustedProxies: ['127.0.0.1'] });
    const key = await keyFrom('192.0.2.1');
    expect((await get(key, '192.0.2.1')).status).toBe(200);
    expect((await get(key, '192.0.2.1, 198.51.100.9')).status).toBe(403);
    await node.server.stop();
    node = await startNode();
    expect((await get(await keyFrom('192.0.2.1'), '192.0.2.1')).status).toBe(403);
  });
});

describe('a parameter called key', () => {
  it('is no place for a key where the route has one of its own', async () => {
    node = await startNode();
    expect((await fetch(`${node.url}/accounts/stats?key=${adminKey}`)).status).toBe(200);
    for (const path of ['/usage', '/traces']) {
      expect((await fetch(`${node.url}${path}?key=${adminKey}`)).status).toBe(401);
    }
  });
});
