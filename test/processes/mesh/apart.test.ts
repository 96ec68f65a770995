import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openaiAccount } from '../../running-node.ts';
import { start, type Upstream } from '../../upstream/upstream.ts';
import { MeshClient } from './mesh-client.ts';
import { startMesh, until, type MeshOfProcesses } from './mesh-of-processes.ts';
import { MeshPeople, type MadeKey, type Person } from './mesh-people.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Far above what it takes: machines that run tests are busy. */
const boundMs = 30_000;

const model = 'gpt-4o-mini';
const all = [0, 1, 2];

let upstream: Upstream;
let mesh: MeshOfProcesses;
let client: MeshClient;
let people: MeshPeople;

beforeAll(async () => {
  upstream = await start();
  const settings = {
    cache: { enabled: true },
    accounts: [openaiAccount(upstream, 'work', { models: [model] })],
    prices: { [model]: { prompt: 1, completion: 2, currency: 'EUR' } },
  };
  mesh = await startMesh({ count: 3, isMeshOn: true, settings, areFoldersApart: true });
  client = new MeshClient(mesh);
  people = new MeshPeople(client, model);
});
afterAll(async () => {
  await mesh.stop();
  await upstream.close();
});

interface Tenant {
  readonly user: Person;
  readonly keys: readonly MadeKey[];
}

/** A user with two keys, made at different members. */
async function tenant(username: string, fields: Record<string, unknown> = {}): Promise<Tenant> {
  const user = await people.addUser(0, username);
  const add = (index: number, name: string) => people.addKey(index, { name, user_id: user.id, ...fields });
  return { user, keys: [await add(1, `${username} 1`), await add(2, `${username} 2`)] };
}

async function labels(node: number, { key }: MadeKey, prompt: string, times: number): Promise<string[]> {
  const headers = { authorization: `Bearer ${key}` };
  const answers = await Promise.all(Array.from({ length: times }, () => client.ask(node, model, { prompt, headers })));
  for (const { status } of answers) expect(status).toBe(200);
  return answers.map(({ cache }) => cache);
}

interface Trace {
  request_id: string;
  user: string;
  key: string;
  cache: string;
  completion_tokens: number | null;
}

async function tracesOf(node: number, filter: string, count: number): Promise<Trace[]> {
  let traces: Trace[] = [];
  const areThere = async () => {
    const answer = await client.json(node, `/traces?${filter}&limit=1000`);
    expect(answer['missing_nodes']).toEqual([]);
    traces = answer['traces'] as Trace[];
    return traces.length >= count;
  };
  await until(areThere, boundMs, `${count} traces of ${filter}`);
  expect(traces).toHaveLength(count);
  return traces;
}

async function totalOf(node: number, filter: string): Promise<Record<string, unknown>> {
  const { rows } = (await client.json(node, `/usage?group_by=user&${filter}`)) as { rows: Record<string, unknown>[] };
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

describe('two users who ask the same', () => {
  it('at the same moment and after each other share no answer, no trace and no total', async () => {
    const [one, other] = [await tenant('one'), await tenant('other')];
    upstream.clear();
    upstream.script('delay=400');
    // Requests of one user wait for one answer, those of the other for another.
    const [ones, others] = await Promise.all([
      labels(0, one.keys[0]!, 'the same prompt', 4),
      labels(0, other.keys[0]!, 'the same prompt', 4),
    ]);
    expect(upstream.totals.requests).toBe(2);
    console.log(JSON.stringify([ones, others]));
    for (const each of [ones, others]) expect(each.filter((label) => label === 'miss').length).toBeGreaterThan(0);
    upstream.clear();
    for (const node of all) {
      for (const { keys } of [one, other]) {
        const [label] = await labels(node, keys[1]!, 'the same prompt', 1);
        expect(['hit', 'peer']).toContain(label);
      }
    }
    expect(upstream.totals.requests).toBe(0);

    // One asks something at every member; the other's first question is a miss at each all the same.
    for (const node of all) await labels(node, one.keys[0]!, 'asked by one first', 1);
    expect(upstream.totals.requests).toBe(1);
    expect(await labels(1, other.keys[0]!, 'asked by one first', 1)).toEqual(['miss']);
    expect(upstream.totals.requests).toBe(2);

    const paid = (traces: Trace[]) => traces.filter(({ completion_tokens: tokens }) => tokens !== null);
    const seen = new Set<string>();
    for (const [{ user, keys }, count] of [[one, 10], [other, 8]] as const) {
      const traces = await tracesOf(2, `user=${user.id}`, count);
      for (const { request_id: id, ...trace } of traces) {
        expect(trace.user).toBe(user.id);
        expect(keys.map(({ id: key }) => key)).toContain(trace.key);
        expect(seen.has(id)).toBe(false);
        seen.add(id);
      }
      expect(paid(traces)).toHaveLength(2);
      const expected = paid(traces).reduce((sum, trace) => sum + (trace.completion_tokens ?? 0), 0);
      for (const node of all) {
        const isCounted = async () => (await totalOf(node, `user=${user.id}`))['requests'] === count;
        await until(isCounted, boundMs, `all requests of ${user.username} are in the total`);
        expect(await totalOf(node, `user=${user.id}`)).toMatchObject({
          group: user.id,
          requests: count,
          errors: 0,
          completion_tokens: expected,
          currency: 'EUR',
        });
      }
    }
  });

  it('share answers where both their keys do so', async () => {
    const [one, other] = [await tenant('sharing', { share_cache: true }), await tenant('shared', { share_cache: true })];
    const apart = await tenant('unshared');
    upstream.clear();
    expect(await labels(0, one.keys[0]!, 'to be shared', 1)).toEqual(['miss']);
    for (const node of all) expect(['hit', 'peer']).toContain((await labels(node, other.keys[1]!, 'to be shared', 1))[0]);
    expect(upstream.totals.requests).toBe(1);
    for (const node of all) expect(['miss', 'hit', 'peer']).toContain((await labels(node, apart.keys[0]!, 'to be shared', 1))[0]);
    expect(upstream.totals.requests).toBe(2);
  });
});
