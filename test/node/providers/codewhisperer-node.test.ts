import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runNode, type TestNode } from '../../running-node.ts';
import { type AmazonqUpstream, startAmazonq } from '../../upstream/amazonq/amazonq.ts';
import { type KiroUpstream, startKiro } from '../../upstream/kiro/kiro.ts';

const model = 'claude-sonnet-4-5';
const ask = { model, max_tokens: 500, messages: [{ role: 'user', content: 'hello there' }] };

let kiro: KiroUpstream;
let amazonq: AmazonqUpstream;
let node: TestNode | undefined;
let folder = '';

beforeEach(async () => {
  [kiro, amazonq] = await Promise.all([startKiro(), startAmazonq()]);
  folder = await mkdtemp(join(tmpdir(), 'aiproxy-creds-'));
});
afterEach(async () => {
  await node?.stop();
  node = undefined;
  await Promise.all([kiro.close(), amazonq.close()]);
  await rm(folder, { recursive: true, force: true });
});

async function serve(...accounts: Record<string, unknown>[]): Promise<TestNode> {
  const running = await runNode({ accounts });
  node = running;
  // Logins have their first token soon after the start.
  for (const { id } of accounts)
    await vi.waitUntil(
      async () => {
        const view = (await (await running.fetch(`/accounts/${String(id)}`)).json()) as { token: { state: string } };
        return view.token.state === 'usable';
      },
      { timeout: 10_000, interval: 20 },
    );
  return running;
}
const kiroAccount = (id: string, kind: 'social' | 'enterprise') => ({
  id,
  provider: 'kiro-api',
  ...kiro.account(id, kind),
});
const messages = async (running: TestNode, body: unknown) => {
  const response = await running.post('/v1/messages', body, { 'anthropic-version': '2023-06-01' });
  return { status: response.status, text: await response.text() };
};
const chatsOf = (upstream: KiroUpstream | AmazonqUpstream) =>
  upstream.requests.filter(({ path, headers }) => path === '/generateAssistantResponse' || isChat(headers));

describe('Kiro through a node', () => {
  it('finds the profile of an enterprise account and keeps it', async () => {
    const running = await serve(kiroAccount('e1', 'enterprise'));
    // The list of models, asked for at the start, comes upon the demand first.
    await kiro.until(({ requests }) =>
      requests.some(({ path, status }) => path.includes('nextToken') && status === 200),
    );
    for (let round = 0; round < 2; round++) expect(await messages(running, ask)).toMatchObject({ status: 200 });
    expect(kiro.calls.ListAvailableProfiles).toBe(1);
    expect(chatsOf(kiro).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('reads its file again when another program has spent the token', async () => {
    const { token } = kiro.credsFile('f1');
    const file = join(folder, 'kiro-auth-token.json');
    const write = (refreshToken: string | undefined) =>
      writeFile(file, JSON.stringify({ ...token, refreshToken, tokenUrl: `${kiro.issuer.url}/refreshToken` }), {
        mode: 0o600,
      });
    // The service knows the token no more, and the program that spent it writes its own a moment later.
    await write(`${token['refreshToken']}-of-another-life`);
    const account = { id: 'f1', provider: 'kiro-api', base_url: kiro.url, creds_file: file };
    const running = await runNode({ accounts: [account] });
    node = running;
    await kiro.issuer.until(({ requests }) => requests > 0);
    await write(token['refreshToken']);
    await vi.waitFor(async () => expect((await messages(running, ask)).status).toBe(200), { timeout: 20_000 });
    expect(kiro.issuer.reuses).toEqual([]);
  });
});

describe('Amazon Q through a node', () => {
  const account = (id: string) => ({ id, provider: 'amazonq', ...amazonq.account(id) });

  it('leaves an account whose month is used up to its owner, and one that is suspended', async () => {
    const running = await serve(account('q1'), account('q2'), account('q3'));
    amazonq.script('quota', { key: 'q1' });
    amazonq.script('suspended', { key: 'q2' });
    for (let round = 0; round < 6; round++) expect(await messages(running, ask)).toMatchObject({ status: 200 });
    const asked = (id: string) => chatsOf(amazonq).filter(({ key }) => key === id).length;
    expect(asked('q1')).toBeLessThanOrEqual(1);
    expect(asked('q2')).toBeLessThanOrEqual(1);
    expect(asked('q3')).toBe(6);
  });

  it('never lets half a call pass for a whole one', async () => {
    const running = await serve(account('q1'));
    amazonq.script('tools,open-call');
    const tools = [{ name: 'look', description: 'Looks.', input_schema: { type: 'object', properties: {} } }];
    const { text } = await messages(running, { ...ask, tools, stream: true });
    expect(text).toContain('tool_use');
    expect(text).not.toContain('message_stop');
    expect(text).toContain('"type":"error"');
  });

  it('carries what an agent sends: a long description, marked caches, results in any order, a reminder', async () => {
    const running = await serve(account('q1'));
    const cache_control = { type: 'ephemeral' };
    const read = (name: string, description: string) => ({
      name,
      description,
      input_schema: {
        $schema: 'http://json-schema.org/draft-07/schema#',
        type: 'object',
        properties: { path: { type: 'string' } },
        required: [],
        additionalProperties: false,
      },
    });
    const use = (id: string) => ({ type: 'tool_use', id, name: 'mcp__files__read', input: { path: id, '': 1 } });
    const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: `text of ${id}`, cache_control });
    const { status, text } = await messages(running, {
      model,
      max_tokens: 32_000,
      metadata: { user_id: 'user_1_account__session_3c0e8f7a-91d2-4b57-8c6d-2f1e0a9b7d44' },
      system: [{ type: 'text', text: 'You help.', cache_control }],
      tools: [read('mcp__files__read', `Reads. ${'é'.repeat(8_000)} THE-END`), read('Task', 'Works.')],
      messages: [
        { role: 'user', content: 'read both' },
        { role: 'assistant', content: [use('toolu_1'), use('toolu_2')] },
        {
          role: 'user',
          content: [
            result('toolu_2'),
            result('toolu_1'),
            { type: 'text', text: '<system-reminder>x</system-reminder>' },
          ],
        },
      ],
    });
    expect([text, status, chatsOf(amazonq).at(-1)?.complaint]).toEqual([expect.any(String), 200, undefined]);
    expect(text).toContain('The tools said: text of toolu_1; text of toolu_2');
    expect(chatsOf(amazonq).at(-1)?.body.toString()).toContain('THE-END');
  });
});

function isChat(headers: Record<string, string | undefined>): boolean {
  return String(headers['x-amz-target']).endsWith('GenerateAssistantResponse');
}
