import { describe, expect, it } from 'vitest';
import type { Log } from '../../../../kit/log.ts';
import { endpointOf } from '../../../../node/providers/qwen-api/endpoint.ts';
import { qwenProvider } from '../../../../node/providers/qwen-api/index.ts';
import { GivenToken } from '../../../suites/given-token.ts';
import { providerEnvironment } from '../../../suites/provider-environment.ts';

const unfit = [
  '',
  'http://portal.qwen.ai',
  'https://user:pass@portal.qwen.ai',
  'user@portal.qwen.ai',
  '127.0.0.1',
  '127.0.0.1:8080',
  '[::1]',
  '2130706433',
  'localhost',
  'api.localhost',
  'portal.qwen.ai?x=1',
  'ftp://portal.qwen.ai',
  'https://',
  'a b',
];

describe('the address that a login names', () => {
  it.each([
    ['portal.qwen.ai', 'https://portal.qwen.ai', '/v1'],
    ['portal.qwen.ai/', 'https://portal.qwen.ai', '/v1'],
    ['portal.qwen.ai/v1', 'https://portal.qwen.ai', '/v1'],
    ['https://portal.qwen.ai/v1/', 'https://portal.qwen.ai', '/v1'],
    ['dashscope.aliyuncs.com/compatible-mode', 'https://dashscope.aliyuncs.com', '/compatible-mode/v1'],
    ['https://dashscope.aliyuncs.com/compatible-mode/v1', 'https://dashscope.aliyuncs.com', '/compatible-mode/v1'],
    ['portal.qwen.ai:8443', 'https://portal.qwen.ai:8443', '/v1'],
  ])('%s is %s%s', (resource, origin, path) => {
    expect(endpointOf(resource)).toMatchObject({ origin, path });
  });

  it.each(unfit)('%j is refused', (resource) => {
    expect(() => endpointOf(resource)).toThrow(
      expect.objectContaining({ code: 'credential_unusable', field: 'resource_url' }),
    );
  });
});

describe('a login', () => {
  const open = (extras: Record<string, string> = {}) => {
    const token = new GivenToken('sk-upstream-1', extras);
    const warnings: string[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (text: string) => warnings.push(text) } as unknown as Log;
    const credential = qwenProvider.credential.parse({ refresh_token: 'rt' });
    const upstream = qwenProvider.open(
      { id: 'a', provider: 'qwen-api', ...credential },
      providerEnvironment({ token, log }),
    );
    return { token, upstream, warnings };
  };

  it('is served where its newest token says, and goes on there when a token says nothing', () => {
    const { token, upstream } = open();
    expect(upstream.origin).toBe('https://portal.qwen.ai');
    token.extras = { resource_url: 'other.qwen.ai' };
    expect(upstream.origin).toBe('https://other.qwen.ai');
    token.extras = {};
    expect(upstream.origin).toBe('https://other.qwen.ai');
    const { path } = upstream.transparent({ method: 'POST', path: '/api/v1/indices/plugin/web_search', headers: [], body: undefined }); // prettier-ignore
    expect(path).toBe('/api/v1/indices/plugin/web_search');
  });

  it.each(unfit.slice(1))('never sends its token to %j, and says so once', (resource) => {
    const { token, upstream, warnings } = open();
    token.extras = { resource_url: resource };
    expect([upstream.origin, upstream.origin]).toEqual(['https://portal.qwen.ai', 'https://portal.qwen.ai']);
    expect(warnings).toHaveLength(1);
  });
});
