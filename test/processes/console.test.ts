import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../cli/run-program.ts';
import { openaiAccount } from '../running-node.ts';
import { start, type Upstream } from '../upstream/upstream.ts';
import { type NodeProcess, processKey, startNodeProcess } from './node-process.ts';
import { until } from './until.ts';

const password = 'correct horse 9 battery';

describe('the command line and a whole node', () => {
  let upstream: Upstream;
  let node: NodeProcess;
  let home: string;
  beforeAll(async () => {
    upstream = await start();
    home = await mkdtemp(join(tmpdir(), 'aiproxy-console-'));
    node = await startNodeProcess({ accounts: [openaiAccount(upstream, 'openai', { models: ['gpt-4o-mini'] })] });
  });
  afterAll(async () => {
    await node.stop();
    await upstream.close();
    await rm(home, { recursive: true, force: true });
  });

  const aiproxy = (args: string[], input = '', key = processKey) =>
    runProgram([...args, '--url', node.url], { cwd: home, home, input, env: { AIPROXY_API_KEY: key } });

  /** What a verb answers with `--json`; it must not fail. */
  async function json<T>(...args: string[]): Promise<T> {
    const { code, out, err } = await aiproxy([...args, '--json']);
    expect([code, err]).toEqual([0, '']);
    return JSON.parse(out) as T;
  }

  const ask = (key: string) =>
    fetch(`${node.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }] }),
    });

  it('go from a user to a key, its requests, their cost and its end', async () => {
    const added = await aiproxy(['users', 'add', 'ann', '--role', 'operator', '--password-stdin'], `${password}\n`);
    expect([added.code, added.out]).toEqual([
      0,
      expect.stringMatching(/^ann is added as usr_\w+, with the role operator\n$/),
    ]);
    await json('prices', 'set', 'gpt-4o-mini', '--prompt', '1', '--completion', '2');
    const made = await aiproxy(['keys', 'add', 'laptop', '--user', 'ann', '--models', 'gpt-*', '--expires', '1d']);
    expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^aip_[\w-]{43}\n$/)]);
    const key = made.out.trim();
    for (let count = 0; count < 3; count++) expect((await ask(key)).status).toBe(200);

    const { keys } = await json<{ keys: { id: string }[] }>('keys', 'list', '--user', 'ann');
    const id = keys[0]?.id ?? '';
    type Usage = { rows: { group: string; requests: number; cost: number; currency: string }[] };
    const usage = () => json<Usage>('usage', '--by', 'key', '--key', id);
    // Traces are written a moment after the answer.
    await until(async () => (await usage()).rows[0]?.requests === 3);
    const [row] = (await usage()).rows;
    expect(row).toMatchObject({ group: id, currency: 'USD' });
    expect(row?.cost).toBeGreaterThan(0);
    const { traces } = await json<{ traces: { request_id: string; cost: number }[] }>('traces', '--key', id);
    expect(traces).toHaveLength(3);
    expect(traces.reduce((sum, trace) => sum + trace.cost, 0)).toBeCloseTo(row?.cost ?? 0, 9);
    const one = await aiproxy(['traces', traces[0]?.request_id ?? '']);
    expect(one.out).toMatch(/^model_requested +gpt-4o-mini$/m);

    const refused = await aiproxy(['users', 'list'], '', key);
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('users:read')]);
    expect((await aiproxy(['keys', 'revoke', 'laptop'])).code).toBe(0);
    expect((await ask(key)).status).toBe(401);
  });

  it('limit a key from the next request on', async () => {
    const key = (await aiproxy(['keys', 'add', 'tight', '--requests-per-minute', '2'])).out.trim();
    const statuses = [];
    for (let count = 0; count < 3; count++) statuses.push((await ask(key)).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await aiproxy(['keys', 'set', 'tight', '--unset', 'requests-per-minute'])).code).toBe(0);
    expect((await ask(key)).status).toBe(200);
  });

  it('keep text of clients from the terminal', async () => {
    await node.fetch('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: '\u001B[2J\u202E', messages: [{ role: 'user', content: 'x' }] }),
    });
    const listed = async () => (await aiproxy(['traces', '--status', '4xx'])).out;
    await until(async () => (await listed()).includes(String.raw`\u001b[2J\u202e`));
    expect(await listed()).not.toContain('\u001B');
  });
});
