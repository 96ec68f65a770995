import { afterEach, describe, expect, it } from 'vitest';
import { Cors } from '../../../node/http/cors.ts';
import { startNode, type NodeUnderTest } from './node-under-test.ts';

let node: NodeUnderTest | undefined;
afterEach(async () => {
  await node?.server.stop();
  node = undefined;
});

const origin = 'https://chat.example';

function preflight(path: string, from = origin): Promise<Response> {
  return fetch(node?.url + path, {
    method: 'OPTIONS',
    headers: {
      origin: from,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,x-stainless-os',
    },
  });
}

describe('CORS', () => {
  it('answers OPTIONS anywhere without a key, before the data plane', async () => {
    node = await startNode({
      dataPlane: {
        handle() {
          throw new Error('preflights are not the data plane’s');
        },
      },
    });
    for (const path of ['/v1/messages', '/accounts', '/nowhere']) {
      const response = await preflight(path);
      expect(response.status).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('access-control-allow-headers')).toBe('authorization,x-stainless-os');
      expect(response.headers.get('access-control-allow-methods')).toContain('POST');
    }
  });

  it('lets any origin read answers and errors by default', async () => {
    node = await startNode();
    for (const path of ['/health/live', '/accounts/stats', '/nowhere']) {
      const response = await fetch(node.url + path, { headers: { origin } });
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('access-control-expose-headers')).toContain('x-request-id');
    }
  });

  it('lets only listed origins read where there is a list', async () => {
    node = await startNode({ settings: { corsOrigins: [origin] } });
    const listed = await preflight('/v1/messages');
    expect(listed.headers.get('access-control-allow-origin')).toBe(origin);
    expect(listed.headers.get('vary')).toBe('origin');
    const other = await preflight('/v1/messages', 'https://evil.example');
    expect(other.status).toBe(204);
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    const answer = await fetch(`${node.url}/health/live`, { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('hands the data plane the same list each time', () => {
    const any = new Cors(['*']);
    expect(any.headers('https://a.example')).toBe(any.headers('https://b.example'));
    // Only browsers send Origin: nobody else reads these headers.
    expect(any.headers(undefined)).toEqual([]);
    const some = new Cors([origin]);
    expect(some.headers(origin)).toBe(some.headers(origin));
    expect(some.headers(undefined)).toEqual([]);
  });
});
