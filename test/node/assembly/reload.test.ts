import { afterEach, beforeEach, expect, test } from 'vitest';
import { openaiAccount, runNode, type TestNode } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';

let upstream: Upstream;
let node: TestNode;

beforeEach(async () => {
  upstream = await start();
});

afterEach(async () => {
  await node.stop();
  await upstream.close();
});

const ask = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };

test('limits that are read again hold for the next request', async () => {
  const accounts = [openaiAccount(upstream)];
  node = await runNode({ accounts });
  expect((await node.post('/v1/chat/completions', ask)).status).toBe(200);
  await node.reload({ accounts, limits: { body_limit: '1KB' } });
  const big = { ...ask, messages: [{ role: 'user', content: 'x'.repeat(2000) }] };
  expect((await node.post('/v1/chat/completions', big)).status).toBe(413);
  await node.reload({ accounts });
  expect((await node.post('/v1/chat/completions', big)).status).toBe(200);
});

test('retries that are switched off are off', async () => {
  const accounts = [
    openaiAccount(upstream, 'bad', { weight: 1000 }, '500'),
    openaiAccount(upstream, 'good', { weight: 1 }),
  ];
  node = await runNode({ accounts });
  expect((await node.post('/v1/chat/completions', ask)).status).toBe(200);
  await node.reload({ accounts, limits: { retry_attempts: 0 } });
  expect((await node.post('/v1/chat/completions', ask)).status).toBe(502);
});

test('a breaker that is made stricter opens at the new threshold, and says so', async () => {
  const accounts = [openaiAccount(upstream, 'bad', {}, '500')];
  node = await runNode({ accounts, limits: { retry_attempts: 0 } });
  expect((await node.post('/v1/chat/completions', ask)).status).toBe(502);
  await node.reload({ accounts, limits: { retry_attempts: 0 }, breaker: { error_threshold: 2 } });
  expect((await node.post('/v1/chat/completions', ask)).status).toBe(502);
  expect((await node.post('/v1/chat/completions', ask)).status).toBe(503);
  const stats = await (await node.fetch('/stats/circuit-breaker')).json();
  expect(stats).toMatchObject({ open: 1, settings: { error_threshold: 2 } });
});
