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

/** A user with two keys, made at different members; only those who see accounts are told of the cache. */
async function tenant(username: string, fields: Record<string, unknown> = {}): Promise<Tenant> {
  const role = 'operator';
  const user = await people.addUser(0, username, role);
  const add = (index: number, name: string) => people.addKey(index, { name, role, user_id: user.id, ...fields });
  return { user, keys: [await add(1, `${username} 1`), await add(2, `${username} 2`)] };
}

/** Questions asked with each key. */
const askedWith = new Map<string, number>();

async function labels(node: number, { id, key }: MadeKey, prompt: string, times = 1): Promise<string[]> {
  const headers = { authorization: `Bearer ${key}` };
  askedWith.set(id, (askedWith.get(id) ?? 0) + times);
  const answers = await Promise.all(Array.from({ length: times }, () => client.ask(node, model, { prompt, headers })));
  for (const { status } of answers) expect(status).toBe(200);
  return answers.map(({ cache }) => cache);
}

const isShared = (label: string | undefined) => label === 'hit' || label === 'peer';

let prompts = 0;

/**
 * Whether what one key asked at one member is there for another key at another. Members are asked for at most a
 * moment, so a busy one may be passed over: then once more with something else.
 */
async function doShare(one: MadeKey, other: MadeKey): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const prompt = `shared or not, ${++prompts}`;
    expect(await labels(0, one, prompt)).toEqual(['miss']);
    if (isShared((await labels(2, other, prompt))[0])) return true;
  }
  return false;
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

interface Total {
  group: string;
  requests: number;
  completion_tokens: number;
  currency: string | null;
}

/** Answers of the cache have no price, and a row of their own. */
async function totalOf(node: number, user: string): Promise<{ requests: number; tokens: number }> {
  const { rows } = (await client.json(node, `/usage?group_by=user&user=${user}`)) as unknown as { rows: Total[] };
  expect(new Set(rows.map(({ group }) => group))).toEqual(new Set([user]));
  expect(new Set(rows.map(({ currency }) => currency))).toEqual(new Set(['EUR', null]));
  const sum = (field: 'requests' | 'completion_tokens') => rows.reduce((total, row) => total + row[field], 0);
  return { requests: sum('requests'), tokens: sum('completion_tokens') };
}

describe('two users who ask the same', () => {
  it('at the same moment are answered by a call of their own each, and waiting ones of one user by one', async () => {
    const [one, other] = [await tenant('ann'), await tenant('bob')];
    upstream.script('delay=400');
    const [ones, others] = await Promise.all([
      Promise.all([labels(0, one.keys[0]!, 'at once', 3), labels(0, one.keys[1]!, 'at once', 3)]),
      Promise.all([labels(0, other.keys[0]!, 'at once', 3), labels(0, other.keys[1]!, 'at once', 3)]),
    ]);
    expect(upstream.totals.requests).toBe(2);
    for (const each of [ones, others]) expect(each.flat().filter((label) => label === 'miss')).toHaveLength(1);
    upstream.clear();
  });

  it('after each other find nothing of each other, at no member', async () => {
    const [one, other] = [await tenant('cleo'), await tenant('dirk')];
    const prompt = 'one after the other';
    await labels(0, one.keys[0]!, prompt);
    expect(await labels(0, one.keys[1]!, prompt)).toEqual(['hit']);
    for (const node of all) await labels(node, one.keys[0]!, prompt);
    for (const node of all) expect(await labels(node, one.keys[1]!, prompt)).toEqual(['hit']);
    upstream.clear();
    expect(await labels(0, other.keys[0]!, prompt)).toEqual(['miss']);
    expect(upstream.totals.requests).toBe(1);
    for (const { keys } of [one, other]) expect(await doShare(keys[0]!, keys[1]!)).toBe(true);
    expect(await doShare(one.keys[0]!, other.keys[0]!)).toBe(false);
  });

  it('share where both their keys say so, and with nobody else', async () => {
    const both = { share_cache: true };
    const [one, other, apart] = [await tenant('eric', both), await tenant('fay', both), await tenant('gus')];
    expect(await doShare(one.keys[0]!, other.keys[1]!)).toBe(true);
    const prompt = 'not for all';
    expect(await labels(0, one.keys[0]!, prompt)).toEqual(['miss']);
    expect(await labels(0, other.keys[0]!, prompt)).toEqual(['hit']);
    expect(await labels(0, apart.keys[0]!, prompt)).toEqual(['miss']);
    expect(await labels(0, await people.addKey(0, { name: 'of nobody', role: 'operator' }), prompt)).toEqual(['miss']);
  });

  it('have traces and totals of their own', async () => {
    const tenants = [await tenant('hal'), await tenant('ida')];
    for (const [turn, { keys }] of tenants.entries())
      for (let n = 0; n <= turn; n++) for (const node of all) await labels(node, keys[n % 2]!, `traced ${n}`);
    const seen = new Set<string>();
    for (const { user, keys } of tenants) {
      const count = keys.reduce((sum, { id }) => sum + (askedWith.get(id) ?? 0), 0);
      const traces = await tracesOf(2, `user=${user.id}`, count);
      for (const { request_id: id, user: of, key } of traces) {
        expect(of).toBe(user.id);
        expect(keys.map((each) => each.id)).toContain(key);
        expect(seen.has(id)).toBe(false);
        seen.add(id);
      }
      const tokens = traces.reduce((sum, trace) => sum + (trace.completion_tokens ?? 0), 0);
      expect(tokens).toBeGreaterThan(0);
      for (const node of all) expect(await totalOf(node, user.id)).toEqual({ requests: count, tokens });
    }
  });
});
