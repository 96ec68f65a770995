import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openaiAccount, runNode, type TestNode } from '../../running-node.ts';
import { start } from '../../upstream/upstream.ts';
import { rawAccount, startRaw, wholeAnswer, type RawUpstream } from './raw-upstream.ts';

let upstream: RawUpstream;
let node: TestNode;

beforeEach(async () => {
  upstream = await startRaw(wholeAnswer('{"ok":1}'));
  node = await runNode({ accounts: [rawAccount(upstream)], breaker: { error_threshold: 2 } });
});

afterEach(async () => {
  await node.stop();
  await upstream.close();
});

interface AccountNumbers {
  error_count: number;
  success_count: number;
  is_available: boolean;
  circuit_breaker_open: boolean;
}

async function account(): Promise<AccountNumbers | undefined> {
  const stats = (await (await node.fetch('/accounts/stats')).json()) as { accounts: AccountNumbers[] };
  return stats.accounts[0];
}

test('an error of the only account goes through as it is and still counts against the account', async () => {
  upstream.answer = wholeAnswer('{"error":"boom"}', '500 Oops');
  for (let turn = 0; turn < 2; turn++) {
    const response = await node.fetch('/openai-custom/v1/files');
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('{"error":"boom"}');
  }
  await expect.poll(account).toMatchObject({ error_count: 2, success_count: 0, circuit_breaker_open: true });
  expect((await node.fetch('/openai-custom/v1/files')).status).toBe(503);
});

test('a 429 of the only account goes through, and the account rests as long as it says', async () => {
  upstream.answer = wholeAnswer('{"error":"slow down"}', '429 Slow', 'retry-after: 40\r\n');
  const first = await node.fetch('/openai-custom/v1/files');
  expect(first.status).toBe(429);
  expect(first.headers.get('retry-after')).toBe('40');
  expect(await first.text()).toBe('{"error":"slow down"}');
  await expect.poll(account).toMatchObject({ is_available: false });
  const second = await node.fetch('/openai-custom/v1/files');
  expect(second.status).toBe(429);
  expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(30);
  expect(upstream.requests).toHaveLength(1);
});

test('a 429 without Retry-After gets one', async () => {
  upstream.answer = wholeAnswer('{"error":"slow down"}', '429 Slow');
  const response = await node.fetch('/openai-custom/v1/files');
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
});

test("the refusal of the account's credential reaches the client neither as a 401 nor in its words", async () => {
  upstream.answer = wholeAnswer('{"error":{"message":"Incorrect API key provided: sk-raw-01***ghij"}}', '401 No');
  const response = await node.fetch('/openai-custom/v1/files');
  expect(response.status).toBe(502);
  expect(await response.text()).not.toContain('sk-raw');
});

test("a client's own error is nobody's failure", async () => {
  upstream.answer = wholeAnswer('{"error":"no such file"}', '404 Not Found');
  const response = await node.fetch('/openai-custom/v1/files/x');
  expect(response.status).toBe(404);
  expect(await response.text()).toBe('{"error":"no such file"}');
  expect(await account()).toMatchObject({ error_count: 0, is_available: true });
});

test('a compressed body goes through unread', async () => {
  const scripted = await start();
  const other = await runNode({ accounts: [openaiAccount(scripted)] });
  const body = gzipSync('{"any":"thing"}');
  await other.fetch('/openai-custom/v1/chat/completions', {
    method: 'POST',
    body,
    headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' },
  });
  const seen = scripted.requests.at(-1);
  expect(gunzipSync(seen?.body as Buffer).toString()).toBe('{"any":"thing"}');
  expect(seen?.headers['content-encoding']).toBe('gzip');
  await other.stop();
  await scripted.close();
});
