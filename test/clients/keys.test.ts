import Anthropic, * as anthropic from '@anthropic-ai/sdk';
import { ApiError, GoogleGenAI } from '@google/genai';
import OpenAI, * as openai from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claudeAccount, openaiAccount, runNode, type TestNode } from '../running-node.ts';
import { start, type Upstream } from '../upstream/upstream.ts';
import { runClaudeCode } from './claude-code.ts';
import { anthropicModel, errorOf, openaiModel } from './targets.ts';

const password = 'correct horse battery staple';
const forbidden = 'gpt-5';

let upstream: Upstream;
let node: TestNode;
let user: string;

beforeAll(async () => {
  upstream = await start();
  const accounts = [
    openaiAccount(upstream, 'openai', { models: [openaiModel, forbidden] }),
    claudeAccount(upstream, 'claude', { models: [anthropicModel] }),
  ];
  node = await runNode({ accounts });
  user = (await made('/users', { username: 'ann', password, role: 'user' })).id;
});
afterAll(async () => {
  await node.stop();
  await upstream.close();
});
afterEach(() => upstream.clear());

async function made(path: string, body: unknown): Promise<Record<'id' | 'key' | 'access_token', string>> {
  const answer = await node.post(path, body);
  const text = await answer.text();
  expect(answer.ok, text).toBe(true);
  return JSON.parse(text) as Record<'id' | 'key' | 'access_token', string>;
}

const addKey = (fields: Record<string, unknown> = {}) => made('/keys', { name: 'of a test', user_id: user, ...fields });

async function changeKey(id: string, fields: Record<string, unknown>): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await node.fetch(`/keys/${id}`, { method: 'PATCH', body: JSON.stringify(fields), headers });
  expect(answer.status, await answer.text()).toBe(200);
}

/** Calls that reached the node. */
let sent = 0;
const counted: typeof fetch = (...call) => {
  sent++;
  return fetch(...call);
};
beforeEach(() => {
  sent = 0;
});

interface Answer {
  readonly text: string;
  readonly headers: Headers;
}

/** A client of a vendor, as people use it. */
interface Sdk {
  readonly name: string;
  readonly model: string;
  readonly ask: (key: string, model: string, maxRetries: number) => Promise<Answer>;
  readonly models: (key: string) => Promise<string[]>;
  /** Kinds of errors, and how one says what it is. */
  readonly unauthorised: abstract new (...parameters: never[]) => Error;
  readonly denied: abstract new (...parameters: never[]) => Error;
  readonly limited: abstract new (...parameters: never[]) => Error;
  /** Undefined where the client keeps none of an error. */
  readonly headersOf: (error: Error) => Headers | undefined;
}

const openaiClient = (apiKey: string, maxRetries = 0) =>
  new OpenAI({ baseURL: `${node.url}/v1`, apiKey, maxRetries, fetch: counted });
const anthropicClient = (apiKey: string, maxRetries = 0) =>
  new Anthropic({ baseURL: node.url, apiKey, maxRetries, fetch: counted });
const googleClient = (apiKey: string) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: node.url } });

const sdks: readonly Sdk[] = [
  {
    name: 'openai',
    model: openaiModel,
    async ask(key, model, maxRetries) {
      const call = openaiClient(key, maxRetries).chat.completions.create({
        model,
        messages: [{ role: 'user', content: 'How deep?' }],
      });
      const { data, response } = await call.withResponse();
      return { text: data.choices[0]?.message.content ?? '', headers: response.headers };
    },
    models: async (key) => (await openaiClient(key).models.list()).data.map(({ id }) => id),
    unauthorised: openai.AuthenticationError,
    denied: openai.PermissionDeniedError,
    limited: openai.RateLimitError,
    headersOf: (error) => (error instanceof openai.APIError ? error.headers : undefined),
  },
  {
    name: '@anthropic-ai/sdk',
    model: anthropicModel,
    async ask(key, model, maxRetries) {
      const call = anthropicClient(key, maxRetries).messages.create({
        model,
        max_tokens: 100,
        messages: [{ role: 'user', content: 'How deep?' }],
      });
      const { data, response } = await call.withResponse();
      return {
        text: data.content.map((block) => ('text' in block ? block.text : '')).join(''),
        headers: response.headers,
      };
    },
    models: async (key) => (await anthropicClient(key).models.list()).data.map(({ id }) => id),
    unauthorised: anthropic.AuthenticationError,
    denied: anthropic.PermissionDeniedError,
    limited: anthropic.RateLimitError,
    headersOf: (error) => (error instanceof anthropic.APIError ? error.headers : undefined),
  },
  {
    name: '@google/genai',
    model: openaiModel,
    async ask(key, model) {
      const answer = await googleClient(key).models.generateContent({ model, contents: 'How deep?' });
      return { text: answer.text ?? '', headers: new Headers(answer.sdkHttpResponse?.headers) };
    },
    async models(key) {
      const names: string[] = [];
      for await (const { name } of await googleClient(key).models.list())
        names.push(name?.replace('models/', '') ?? '');
      return names;
    },
    unauthorised: ApiError,
    denied: ApiError,
    limited: ApiError,
    headersOf: () => undefined,
  },
];

describe.each(sdks)("a user's key in $name", ({ model, ask, models, unauthorised, denied, limited, headersOf }) => {
  const statusOf = (error: Error) => (error as Error & { status?: number }).status;

  it('may ask for its models and for no others', async () => {
    const { key } = await addKey({ models: [`${model.slice(0, -2)}*`] });
    expect((await ask(key, model, 0)).text).toBe('How deep?');
    expect(statusOf(await errorOf(ask(key, forbidden, 2), denied))).toBe(403);
    expect(await models(key)).toEqual([model]);
  });

  it('is refused once it is disabled, and when it has expired', async () => {
    const { id, key } = await addKey();
    await changeKey(id, { enabled: false });
    expect(statusOf(await errorOf(ask(key, model, 0), unauthorised))).toBe(401);
    await changeKey(id, { enabled: true });
    expect((await ask(key, model, 0)).text).toBe('How deep?');
    const endsMs = Date.now() + 1500;
    await changeKey(id, { expires_at: new Date(endsMs).toISOString() });
    while (Date.now() <= endsMs) await new Promise((resolve) => setTimeout(resolve, endsMs - Date.now() + 1));
    expect(statusOf(await errorOf(ask(key, model, 0), unauthorised))).toBe(401);
  });

  it('tells what is left of its limits, and when to come back', async () => {
    const { key } = await addKey({ requests_per_minute: 2, tokens_per_minute: 100_000 });
    const { headers } = await ask(key, model, 0);
    expect(headers.get('x-ratelimit-limit-requests')).toBe('2');
    expect(headers.get('x-ratelimit-remaining-requests')).toBe('1');
    expect(headers.get('x-ratelimit-limit-tokens')).toBe('100000');
    expect(headers.get('x-ratelimit-reset-requests')).toMatch(/^(\d+m)?\d+s$/);
    if (model === anthropicModel) {
      expect(headers.get('anthropic-ratelimit-requests-limit')).toBe('2');
      expect(headers.get('anthropic-ratelimit-requests-remaining')).toBe('1');
      expect(Date.parse(headers.get('anthropic-ratelimit-requests-reset') ?? '')).toBeGreaterThan(Date.now());
    }
    await ask(key, model, 0);
    const error = await errorOf(ask(key, model, 0), limited);
    expect(statusOf(error)).toBe(429);
    const told = headersOf(error);
    if (told === undefined) return;
    expect(Number(told.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(told.get('retry-after'))).toBeLessThanOrEqual(65);
    expect(told.get('x-ratelimit-remaining-requests')).toBe('0');
  });

  it('is told of a spent budget once', async () => {
    const { key } = await addKey({ daily_token_budget: 1 });
    expect((await ask(key, model, 0)).text).toBe('How deep?');
    sent = 0;
    const error = await errorOf(ask(key, model, 2), limited);
    expect(statusOf(error)).toBe(429);
    const told = headersOf(error);
    if (told === undefined) return;
    // Its day may end soon, but not within the minute for which a client would wait by itself.
    if (Number(told.get('retry-after')) > 60) expect(told.get('x-should-retry')).toBe('false');
    if (told.get('x-should-retry') === 'false') expect(sent).toBe(1);
  });

  it('can be the token of a login', async () => {
    const { access_token: token } = await made('/auth/login', { username: 'ann', password });
    expect((await ask(token, model, 0)).text).toBe('How deep?');
  });
});

describe.each(sdks.filter(({ name }) => name !== '@google/genai'))('$name by itself', ({ model, ask }) => {
  it('waits as long as it is told where too many are under way, and then gets its answer', async () => {
    const { key } = await addKey({ concurrent_requests: 1 });
    upstream.script('delay=600');
    const answers = await Promise.all([ask(key, model, 5), ask(key, model, 5)]);
    expect(answers.map(({ text }) => text)).toEqual(['How deep?', 'How deep?']);
    expect(sent).toBeGreaterThan(2);
    expect(upstream.totals.inFlightMax).toBe(1);
    expect(upstream.totals.requests).toBe(2);
  });
});

describe('Claude Code', () => {
  it("works with a user's key, and its tokens are counted by kind", { timeout: 90_000 }, async () => {
    const { id, key } = await addKey({ models: ['claude-*'], tokens_per_minute: 10_000_000 });
    upstream.script('say=thirty metres,cached');
    const options = { baseUrl: node.url, token: key, model: anthropicModel };
    for (let run = 0; run < 2; run++) {
      const { code, result, output } = await runClaudeCode('How deep is the lake?', options);
      expect(code, output).toBe(0);
      expect(result?.result).toBe('thirty metres');
    }
    type Traced = Record<'prompt_tokens' | 'cache_read_tokens' | 'cache_creation_tokens' | 'completion_tokens', number>;
    const sums = async () => {
      const { rows } = (await (await node.fetch(`/usage?group_by=key&key=${id}`)).json()) as { rows: Traced[] };
      return rows[0];
    };
    const { tokens, requests } = upstream.totals;
    expect(requests).toBeGreaterThan(1);
    expect(tokens.cacheWrite + tokens.cacheRead).toBeGreaterThan(0);
    await expect.poll(sums, { timeout: 10_000 }).toMatchObject({
      group: id,
      prompt_tokens: tokens.uncached,
      cache_read_tokens: tokens.cacheRead,
      cache_creation_tokens: tokens.cacheWrite,
      completion_tokens: tokens.output,
      estimated_requests: 0,
    });
    const { traces } = (await (await node.fetch(`/traces?key=${id}`)).json()) as { traces: Traced[] };
    expect(traces.some((trace) => trace.cache_creation_tokens + trace.cache_read_tokens > 0)).toBe(true);
  });
});
