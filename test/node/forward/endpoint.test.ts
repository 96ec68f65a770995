import { expect, test } from 'vitest';
import { findEndpoint } from '../../../node/forward/endpoint.ts';

const providers = new Set(['openai-custom', 'amazonq']);

test.each([
  ['/v1/messages?beta=true', { protocol: 'anthropic', operation: 'generate' }],
  ['/v1/messages/count_tokens?beta=true', { protocol: 'anthropic', operation: 'count_tokens' }],
  ['/v1/chat/completions', { protocol: 'openai-chat', operation: 'generate' }],
  ['/v1/responses', { protocol: 'openai-responses', operation: 'generate' }],
  ['/v1/embeddings', { protocol: 'openai-chat', operation: 'embeddings' }],
  [
    '/v1beta/models/gemini-2.5-pro:generateContent',
    { protocol: 'gemini', model: 'gemini-2.5-pro', stream: false, framing: 'sse' },
  ],
  ['/v1beta/models/a%2Fb:streamGenerateContent?alt=sse', { model: 'a/b', stream: true, framing: 'sse' }],
  ['/v1beta/models/x:streamGenerateContent', { stream: true, framing: 'json-array' }],
  ['/v1beta/models/x:countTokens?key=1', { operation: 'count_tokens', stream: false }],
  ['/v1beta/models/%zz:generateContent', { model: '%zz' }],
  ['/openai-custom/v1/files?limit=2', { kind: 'transparent', provider: 'openai-custom', path: '/v1/files' }],
  [
    '/openai-custom/v1/files/.well/a..b/gpt-4.1./...',
    { kind: 'transparent', provider: 'openai-custom', path: '/v1/files/.well/a..b/gpt-4.1./...' },
  ],
  ['/amazonq', { kind: 'transparent', path: '/' }],
])('%s is known', (url, expected) => {
  expect(findEndpoint(url, providers)?.endpoint).toMatchObject(expected);
});

test.each([
  '/',
  '/v1/models',
  '/v1/messages/',
  '/health',
  '/unknown/v1/messages',
  '/v1beta/models/x:embedContent',
  '//',
  '/openai-custom/../admin',
  '/openai-custom/v1/..',
  '/openai-custom/./files',
  '/openai-custom/%2e%2E/admin',
  '/openai-custom/v1/..%2fadmin',
  '/openai-custom/v1/..;x=1/admin',
  '/openai-custom/v1\\..\\admin',
  '/openai-custom/v1%5c.%2e%5cadmin',
  '/v1/chat/completions/x',
])('%s is not of the data plane', (url) => {
  expect(findEndpoint(url, providers)).toBeUndefined();
});
