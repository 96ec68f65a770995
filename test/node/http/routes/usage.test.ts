import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../kit/clock.ts';
import { traceOf } from '../memory-usage.ts';
import { startNode, type NodeUnderTest } from '../node-under-test.ts';

const now = Date.parse('2030-05-20T10:30:00Z');

let node: NodeUnderTest;
beforeEach(async () => {
  node = await startNode({ clock: { ...systemClock, nowMs: () => now } });
});
afterEach(() => node.server.stop());

async function json<T>(path: string, status = 200): Promise<T> {
  const response = await node.get(path);
  expect(response.status, path).toBe(status);
  return (await response.json()) as T;
}

function had(...traces: (Partial<Parameters<typeof traceOf>[0]> & { at: string })[]): void {
  for (const [index, { at, ...fields }] of traces.entries()) {
    node.usage.all.push(traceOf({ requestId: `r${index}`, startedAtMs: Date.parse(at), ...fields }));
  }
}

describe('GET /usage', () => {
  it('adds up the last 30 days by day, in whole hours', async () => {
    had(
      { at: '2030-05-19T23:59:59Z', costNano: 150 },
      { at: '2030-05-19T01:00:00Z', costNano: 1_250_000_000, status: 502, usageEstimated: true },
      { at: '2030-05-20T00:00:00Z', costNano: undefined, currency: undefined },
      { at: '2030-04-20T09:59:59Z' },
    );
    const tokens = { cache_creation_tokens: 0, cache_read_tokens: 0 };
    expect(await json('/usage')).toEqual({
      group_by: 'day',
      from: '2030-04-20T10:00:00.000Z',
      to: '2030-05-20T11:00:00.000Z',
      rows: [
        {
          group: '2030-05-19',
          requests: 2,
          errors: 1,
          prompt_tokens: 20,
          completion_tokens: 10,
          ...tokens,
          estimated_requests: 1,
          cost: 1.25000015,
          currency: 'USD',
        },
        {
          group: '2030-05-20',
          requests: 1,
          errors: 0,
          prompt_tokens: 10,
          completion_tokens: 5,
          ...tokens,
          estimated_requests: 0,
          cost: null,
          currency: null,
        },
      ],
      missing_nodes: [],
    });
  });

  it('widens the time to whole hours and says so', async () => {
    const bounds = async (query: string) => {
      const { from, to } = await json<{ from: string; to: string }>(`/usage?${query}`);
      return [from.slice(0, 16), to.slice(0, 16)];
    };
    expect(await bounds('from=2030-01-01&to=2030-01-02')).toEqual(['2030-01-01T00:00', '2030-01-02T00:00']);
    expect(await bounds('from=2030-01-01T00:59:59.999Z&to=2030-01-01T01:00:00.001Z')).toEqual([
      '2030-01-01T00:00',
      '2030-01-01T02:00',
    ]);
    expect(await bounds('from=2030-01-01T00:00:00+05:30&to=1893456000')).toEqual([
      '2029-12-31T18:00',
      '2030-01-01T00:00',
    ]);
    expect(await bounds('to=2030-03-31')).toEqual(['2030-03-01T00:00', '2030-03-31T00:00']);
  });

  it('hands filters on to the letter, and a sign is no wildcard', async () => {
    had({ at: '2030-05-20T00:00:00Z', modelServed: 'gpt%', modelRequested: 'gpt%' }, { at: '2030-05-20T00:00:00Z' });
    const { rows } = await json<{ rows: unknown[] }>('/usage?group_by=model&model=gpt%25&key=k1&account=a1');
    expect(rows).toEqual([expect.objectContaining({ group: 'gpt%', requests: 1 })]);
    expect(node.usage.asked.at(-1)).toMatchObject({ groupBy: 'model', model: 'gpt%', key: 'k1', account: 'a1' });
    for (const model of ['%25', '*', '_', "' OR 1=1 --"]) {
      expect((await json<{ rows: unknown[] }>(`/usage?model=${model}`)).rows).toEqual([]);
    }
  });

  it('says which members did not answer', async () => {
    node.usage.missing = ['node3'];
    expect(await json('/usage')).toMatchObject({ missing_nodes: ['node3'] });
    const csv = await node.get('/usage?format=csv');
    expect(csv.headers.get('x-aiproxy-missing-nodes')).toBe('node3');
  });

  it('writes CSV that no spreadsheet runs', async () => {
    had(
      { at: '2030-05-20T00:00:00Z', modelServed: '=HYPERLINK("http://x","y")', costNano: 150 },
      { at: '2030-05-20T00:00:00Z', modelServed: 'plain', costNano: undefined, currency: undefined },
    );
    const response = await node.get('/usage?format=csv&group_by=model');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toContain('usage.csv');
    expect(await response.text()).toBe(
      'group,requests,errors,prompt_tokens,completion_tokens,cache_creation_tokens,cache_read_tokens,estimated_requests,cost,currency\r\n' +
        '"\'=HYPERLINK(""http://x"",""y"")",1,0,10,5,0,0,0,0.00000015,USD\r\n' +
        'plain,1,0,10,5,0,0,0,,\r\n',
    );
  });

  it.each([
    ['from=2030-05-21', 'from'],
    ['from=2030-01-02&to=2030-01-01', 'from'],
    ['to=1970-01-01', 'to'],
    ['from=2010-01-01', 'from'],
    ['group_by=hour&from=2030-01-01', 'from'],
    ['from=yesterday', 'from'],
    ['from=2030-02-30', 'from'],
    ['from=1893456000000', 'from'],
    ['group_by=password', 'group_by'],
    ['format=xml', 'format'],
    ['model=a&model=b', 'model'],
    ['model=%00', 'model'],
    ['key=', 'key'],
    ['user[]=1', 'user[]'],
    ['limit=5', 'limit'],
  ])('refuses %s, naming %s', async (query, field) => {
    const answer = await json<{ error: { field: string } }>(`/usage?${query}`, 400);
    expect(answer.error.field).toBe(field);
  });
});

describe('GET /traces', () => {
  it('shows a request with all that is known of it', async () => {
    had({ at: '2030-05-20T10:00:00Z', user: 'u1', clientRequestId: '<b>mine</b>', errorCode: undefined });
    const { traces, ...rest } = await json<{ traces: unknown[] }>('/traces');
    expect(rest).toEqual({ next_cursor: null, missing_nodes: [] });
    expect(traces).toEqual([
      {
        request_id: 'r0',
        client_request_id: '<b>mine</b>',
        user: 'u1',
        key: 'k1',
        node: 'node1',
        account: 'a1',
        provider: 'openai-custom',
        model_requested: 'm',
        model_served: 'm',
        protocol_in: 'openai-chat',
        protocol_out: 'openai-chat',
        status: 200,
        error_code: null,
        attempts: 1,
        cache: 'miss',
        queue_wait_ms: 0,
        ttft_ms: 12.5,
        duration_ms: 100,
        prompt_tokens: 10,
        completion_tokens: 5,
        cache_creation_tokens: 0,
        cache_read_tokens: 0,
        usage_estimated: false,
        cost: 0.0000015,
        currency: 'USD',
        started_at: '2030-05-20T10:00:00.000Z',
      },
    ]);
  });

  it('filters by status and class, key, user, account and model', async () => {
    had(
      { at: '2030-05-20T10:00:00Z', status: 429, key: 'k2' },
      { at: '2030-05-20T10:00:01Z', status: 404, user: 'u1' },
      { at: '2030-05-20T10:00:02Z', status: 200, account: 'a2' },
      { at: '2030-05-20T10:00:03Z', status: 502, modelServed: 'x/y' },
    );
    const ids = async (query: string) =>
      (await json<{ traces: { request_id: string }[] }>(`/traces?${query}`)).traces.map((trace) => trace.request_id);
    expect(await ids('')).toEqual(['r3', 'r2', 'r1', 'r0']);
    expect(await ids('status=429')).toEqual(['r0']);
    expect(await ids('status=4xx')).toEqual(['r1', 'r0']);
    expect(await ids('key=k2')).toEqual(['r0']);
    expect(await ids('user=u1')).toEqual(['r1']);
    expect(await ids('account=a2')).toEqual(['r2']);
    expect(await ids('model=x%2Fy')).toEqual(['r3']);
    expect(await ids('from=2030-05-20T10:00:01Z&to=2030-05-20T10:00:03Z')).toEqual(['r2', 'r1']);
  });

  it('gives every one exactly once, page by page, also those that began at once', async () => {
    had(...Array.from({ length: 7 }, () => ({ at: '2030-05-20T10:00:00Z' })));
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path = `/traces?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: { traces: { request_id: string }[]; next_cursor: string | null } = await json(path);
      seen.push(...page.traces.map((trace) => trace.request_id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(['r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0']);
  });

  it('refuses a cursor that is none, or of another list', async () => {
    for (const name of ['a', 'b']) await node.send('PUT', `/roles/${name}`, { permissions: [] });
    for (const name of ['a', 'b']) await node.send('POST', '/keys', { name });
    const { next_cursor } = await json<{ next_cursor: string }>('/keys?limit=1');
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const bad = [
      'x',
      '%00',
      'null',
      next_cursor,
      encoded(['traces', 'r1', 1]),
      encoded(['traces', 1, '']),
      encoded(['traces', -1, 'r1']),
      encoded(['traces', 1, 'r1', 2]),
      encoded({ 0: 'traces' }),
      'x'.repeat(2000),
    ];
    for (const cursor of bad) {
      const { error } = await json<{ error: { code: string; field: string } }>(`/traces?cursor=${cursor}`, 400);
      expect(error).toMatchObject({ code: 'invalid_request', field: 'cursor' });
    }
    expect((await node.get('/users?cursor=eA')).status).toBe(400);
  });

  it.each(['status=4', 'status=4XX', 'status=600', 'status=4%25', 'limit=0', 'limit=1001', 'limit=x', 'limit='])(
    'refuses %s',
    async (query) => expect((await node.get(`/traces?${query}`)).status).toBe(400),
  );
});

describe('GET /traces/{request_id}', () => {
  it('shows one, with prompt and answer where they were kept', async () => {
    had({ at: '2029-01-01T00:00:00Z' }, { at: '2030-05-20T00:00:00Z' });
    node.usage.prompts.set('r0', { prompt: '{"messages":[]}', answer: 'héllo' });
    expect(await json('/traces/r0')).toMatchObject({ request_id: 'r0', prompt: '{"messages":[]}', answer: 'héllo' });
    expect(await json('/traces/r1')).toMatchObject({ request_id: 'r1', prompt: null, answer: null });
    expect(await json('/traces/r9', 404)).toMatchObject({ error: { code: 'trace_not_found' } });
    expect((await node.get('/traces/%00')).status).toBe(400);
  });
});

describe('/prices', () => {
  const price = { prompt: 0.15, completion: 0.6, cache_read: 0.075, cache_write: 0 };

  it('sets, shows with all versions, and goes back', async () => {
    node.prices.configured.set('meta/llama', {
      model: 'meta/llama',
      prompt: 1,
      completion: 2,
      cacheRead: undefined,
      cacheWrite: undefined,
      currency: 'EUR',
      per: 1000,
      version: 0,
      origin: 'configuration',
      changedAtMs: undefined,
    });
    const put = await node.send('PUT', '/prices/meta/llama', price);
    const changed = {
      model: 'meta/llama',
      ...price,
      currency: 'USD',
      per: 1_000_000,
      version: 1,
      origin: 'changed',
      changed_at: expect.stringMatching(/Z$/),
      changed_by: 'admin',
    };
    expect([put.status, await put.json()]).toEqual([200, changed]);
    await node.send('PUT', '/prices/meta%2Fllama', { prompt: 0.1, currency: 'CHF', per: 1 });
    type Shown = { price: unknown; history: { version: number }[] };
    const shown = await json<Shown>('/prices/meta/llama');
    expect(shown.price).toMatchObject({ prompt: 0.1, completion: null, currency: 'CHF', version: 2 });
    expect(shown.history.map(({ version }) => version)).toEqual([2, 1, 0]);
    expect((await node.send('DELETE', '/prices/meta/llama')).status).toBe(204);
    expect(await json('/prices')).toMatchObject({ prices: [{ currency: 'EUR', cache_read: null, changed_at: null }] });
    expect((await node.send('DELETE', '/prices/nothing')).status).toBe(404);
    expect((await node.get('/prices/nothing')).status).toBe(404);
  });

  it('shows the history of a price that was taken away', async () => {
    await node.send('PUT', '/prices/m', price);
    await node.send('DELETE', '/prices/m');
    expect(await json('/prices/m')).toMatchObject({ model: 'm', price: null, history: [{ version: 1 }] });
  });

  it.each([
    [{}, undefined],
    [{ prompt: -1 }, 'prompt'],
    [{ prompt: '1' }, 'prompt'],
    [{ prompt: 1e7 }, 'prompt'],
    [{ prompt: 1, currency: 'usd' }, 'currency'],
    [{ prompt: 1, per: 0 }, 'per'],
    [{ prompt: 1, version: 7 }, 'version'],
    [{ prompt: 1, model: 'other' }, 'model'],
  ])('refuses %j', async (body, field) => {
    const response = await node.send('PUT', '/prices/m', body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: { field?: string } }).error.field).toBe(field);
  });
});
