import { afterAll, beforeAll, expect, test } from 'vitest';
import { claudeAccount, openaiAccount, runNode, type TestNode } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';

let upstream: Upstream;
let node: TestNode;

beforeAll(async () => {
  upstream = await start();
  node = await runNode({
    accounts: [
      openaiAccount(upstream, 'o', { models: ['mid-o'], model_map: { 'mid-o': 'deployment-o' } }),
      claudeAccount(upstream, 'c', { models: ['mid-c'], model_map: { 'mid-c': 'deployment-c' } }),
    ],
    models: { 'fast-o': 'mid-o', 'fast-c': 'mid-c' },
  });
});

afterAll(async () => {
  await node.stop();
  await upstream.close();
});

const messages = [{ role: 'user', content: 'hi' }];

// An alias, then the account's own map: the upstream hears the last name, the client reads the one it asked for.
for (const kind of ['o', 'c']) {
  for (const asked of [`fast-${kind}`, `mid-${kind}`]) {
    test.each([
      ['/v1/chat/completions', { model: asked, messages }, 'model'],
      ['/v1/messages', { model: asked, max_tokens: 9, messages }, 'model'],
      ['/v1/responses', { model: asked, input: 'hi' }, 'model'],
      [`/v1beta/models/${asked}:generateContent`, { contents: [{ parts: [{ text: 'hi' }] }] }, 'modelVersion'],
    ])(`%s for ${asked}`, async (path, body, key) => {
      const whole = await node.post(path, body);
      expect((await whole.json()) as object).toMatchObject({ [key]: asked });
      expect(String(upstream.requests.at(-1)?.body)).toContain(`"model":"deployment-${kind}"`);
      const streamed = path.includes('generateContent')
        ? await node.post(`/v1beta/models/${asked}:streamGenerateContent?alt=sse`, body)
        : await node.post(path, { ...body, stream: true });
      const text = await streamed.text();
      expect(text).toContain(`"${key}":"${asked}"`);
      expect(text).not.toContain('deployment');
    });
  }
}

test('the tokens that were told before a client left are counted', async () => {
  const remove = upstream.script('endless,slow=20');
  const response = await node.post('/v1/messages', { model: 'mid-c', stream: true, max_tokens: 9, messages });
  const reader = response.body!.getReader();
  await reader.read();
  const before = await inputTokens();
  await reader.cancel();
  await expect.poll(inputTokens).toBeGreaterThan(before);
  remove();
});

async function inputTokens(): Promise<number> {
  const text = await (await node.fetch('/metrics')).text();
  const found = /tokens_used_total\{provider="claude-custom",model="mid-c",kind="input"\} (\d+)/.exec(text);
  return Number(found?.[1] ?? 0);
}
