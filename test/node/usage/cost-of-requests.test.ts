import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openaiAccount, runNode, type TestNode } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';

interface TraceView {
  request_id: string;
  model_requested: string;
  prompt_tokens: number;
  completion_tokens: number;
  cost: number | null;
  currency: string | null;
}

let upstream: Upstream;
let node: TestNode;

beforeEach(async () => {
  upstream = await start();
});

afterEach(async () => {
  await node.stop();
  await upstream.close();
});

/** Asks, and waits for the trace of it. */
async function traceOf(model: string): Promise<TraceView> {
  const answer = await node.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'hello' }] });
  const { traces } = await vi.waitFor(
    async () => {
      const page = (await (await node.fetch('/traces')).json()) as { traces: TraceView[] };
      expect(page.traces[0]?.request_id).toBe(answer.headers.get('x-request-id'));
      return page;
    },
    { timeout: 10_000 },
  );
  return traces[0] as TraceView;
}

const put = (model: string, price: object) =>
  node.fetch(`/prices/${model}`, {
    method: 'PUT',
    body: JSON.stringify(price),
    headers: { 'content-type': 'application/json' },
  });

test('a request costs what the table says at the time, the price of its provider before that of all', async () => {
  node = await runNode({
    accounts: [openaiAccount(upstream)],
    prices: {
      m: { prompt: 1_000, completion: 2_000 },
      'openai-custom/own': { prompt: 3_000, currency: 'EUR' },
      own: { prompt: 5_000 },
    },
  });
  const first = await traceOf('m');
  expect(first.prompt_tokens).toBeGreaterThan(0);
  const million = 1_000_000;
  expect(first.cost).toBeCloseTo((first.prompt_tokens * 1_000 + first.completion_tokens * 2_000) / million, 9);
  expect(first.currency).toBe('USD');
  const own = await traceOf('own');
  expect(own).toMatchObject({ currency: 'EUR' });
  expect(own.cost).toBeCloseTo((own.prompt_tokens * 3_000) / million, 9);
  expect(await traceOf('unknown')).toMatchObject({ cost: null, currency: null });

  expect((await put('m', { prompt: 7_000 })).status).toBe(200);
  const later = await traceOf('m');
  expect(later.cost).toBeCloseTo((later.prompt_tokens * 7_000) / million, 9);
  expect((await node.fetch('/prices/m', { method: 'DELETE' })).status).toBe(204);
  expect((await traceOf('m')).cost).toBeCloseTo(first.cost ?? 0, 9);
  const { rows } = (await (await node.fetch('/usage?group_by=model&model=m')).json()) as {
    rows: { requests: number; cost: number }[];
  };
  expect(rows[0]?.requests).toBe(3);
  expect(rows[0]?.cost).toBeCloseTo(2 * (first.cost ?? 0) + (later.cost ?? 0), 9);
}, 30_000);
