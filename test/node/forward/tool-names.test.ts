import { afterAll, beforeAll, expect, test } from 'vitest';
import { openaiAccount, runNode, type TestNode } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';

let upstream: Upstream;
let node: TestNode;

beforeAll(async () => {
  upstream = await start();
  node = await runNode({ accounts: [openaiAccount(upstream, 'o', {}, 'tool')] });
});

afterAll(async () => {
  await node.stop();
  await upstream.close();
});

// Anthropic takes names of up to 128 characters, OpenAI of up to 64; Claude Code's MCP tools pass that easily.
const longName = `mcp__a-server-with-a-long-name__${'and_a_tool_'.repeat(7)}`;
const request = {
  model: 'm',
  max_tokens: 50,
  tools: [{ name: longName, description: 'x', input_schema: { type: 'object', properties: {} } }],
  tool_choice: { type: 'tool', name: longName },
  messages: [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: longName, input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'done' }] },
  ],
};

interface SentTools {
  tools: { function: { name: string } }[];
  tool_choice: { function: { name: string } };
  messages: { tool_calls?: { function: { name: string } }[] }[];
}

test('a name that is too long for OpenAI goes there in a short form and comes back whole', async () => {
  const response = await node.post('/v1/messages', request);
  expect(response.status).toBe(200);
  const answer = (await response.json()) as { content: { type: string; name?: string }[] };
  expect(answer.content.find(({ type }) => type === 'tool_use')?.name).toBe(longName);
  const sent = JSON.parse(String(upstream.requests.at(-1)?.body)) as SentTools;
  const short = sent.tools[0]?.function.name ?? '';
  expect(short).toMatch(/^mcp__a-server[\w-]+$/);
  expect(short.length).toBeLessThanOrEqual(64);
  expect(sent.tool_choice.function.name).toBe(short);
  expect(sent.messages.flatMap((message) => message.tool_calls ?? [])[0]?.function.name).toBe(short);
});

test('also in a stream', async () => {
  const response = await node.post('/v1/messages', { ...request, stream: true });
  expect(await response.text()).toContain(`"name":"${longName}"`);
});
