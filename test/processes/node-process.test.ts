import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claudeAccount, openaiAccount } from '../running-node.ts';
import { start, type Upstream } from '../upstream/upstream.ts';
import { type NodeProcess, startNodeProcess } from './node-process.ts';

describe('a node as a process', () => {
  let upstream: Upstream;
  let node: NodeProcess;
  beforeAll(async () => {
    upstream = await start();
    const accounts = [
      openaiAccount(upstream, 'openai', { models: ['gpt-4o-mini'] }),
      claudeAccount(upstream, 'claude', { models: ['claude-sonnet-5-5'] }),
    ];
    node = await startNodeProcess({ accounts });
  });
  afterAll(async () => {
    await node.stop();
    await upstream.close();
  });

  const ask = (model: string, more: Record<string, unknown> = {}) =>
    node.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'over the wire' }], ...more }),
    });

  it('serves both providers', async () => {
    for (const model of ['gpt-4o-mini', 'claude-sonnet-5-5']) {
      const response = await ask(model);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('over the wire');
    }
  });

  // In a process of its own: tests load all of undici, which hides what the node itself does not load.
  it('lists the models of its upstreams', async () => {
    const accounts = [
      openaiAccount(upstream, 'o', { discovery: true }),
      claudeAccount(upstream, 'c', { discovery: true }),
    ];
    const asking = await startNodeProcess({ accounts });
    const refreshed = await asking.fetch('/admin/models/refresh', { method: 'POST' });
    const outcome: unknown = await refreshed.json();
    await asking.stop();
    expect(outcome).toMatchObject({ refreshed: ['o', 'c'], failed: [] });
  });

  it('prints its facts as one line of JSON and no secret', () => {
    expect(JSON.parse(node.stdout().split('\n')[0] ?? '')).toMatchObject({ url: node.url });
    expect(node.stdout() + node.stderr()).not.toContain('sk-upstream');
  });

  it('finishes its streams and exits with 0 when it is told to stop', async () => {
    const leaving = await startNodeProcess({ accounts: [openaiAccount(upstream)] });
    const response = await leaving.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'text=10,slow=30', stream: true, messages: [{ role: 'user', content: 'x' }] }),
    });
    const text = response.text();
    await upstream.until(({ totals }) => totals.inFlight === 1);
    const outcome = leaving.stop();
    expect(await text).toContain('[DONE]');
    expect(await outcome).toBe(0);
  });

  it('says what is wrong with its settings and exits with 2', async () => {
    const wrong = startNodeProcess({ accounts: [{ id: 'x', provider: 'no-such-provider' }] });
    await expect(wrong).rejects.toThrow(/exited with 2[^]*no-such-provider/);
  });
});
