import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMesh, until, type MeshOfProcesses } from '../mesh/mesh-of-processes.ts';
import { MixedLoad, type Ended } from './mixed-load.ts';
import { faultyModel, startTokenCountingUpstream, type TokenCountingUpstream } from './token-counting-upstream.ts';
import { allTraces, usageByModel, type TraceView, type UsageRow } from './usage-of-cluster.ts';

/** At least so many. `USAGE_REQUESTS=10000 vitest run test/processes/usage` for the whole measure. */
const requests = Number(process.env['USAGE_REQUESTS'] ?? 1_000);
const clients = 12;

/** A killed process takes with it what was recorded in its last 100 ms; the rest is for a machine that is busy. */
const lossWindowMs = 1_000;

interface Kill {
  readonly node: number;
  readonly atMs: number;
  /** What it had said before it died has reached its clients by then. */
  readonly overMs: number;
}

let upstream: TokenCountingUpstream;
let mesh: MeshOfProcesses;
let ended: readonly Ended[];
const kills: Kill[] = [];

/** Ends the process amid its requests and starts it again. */
async function end(load: MixedLoad, node: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const victim = mesh.nodes[node]!;
  victim.signal(signal);
  const atMs = performance.now();
  load.leaveOut(node, true);
  await victim.exited;
  await mesh.restart(node);
  if (signal === 'SIGKILL') kills.push({ node, atMs, overMs: performance.now() });
  load.leaveOut(node, false);
}

beforeAll(async () => {
  upstream = await startTokenCountingUpstream();
  const account = (provider: string, base_url: string) => ({
    id: provider,
    provider,
    base_url,
    api_key: 'sk-any',
    discovery: false,
  });
  mesh = await startMesh({
    count: 3,
    isMeshOn: true,
    settings: {
      log_level: 'warn',
      accounts: [account('openai-custom', upstream.openaiBaseUrl), account('claude-custom', upstream.anthropicBaseUrl)],
      prices: { 'gpt-4o-mini': { prompt: 0.15, completion: 0.6, cache_read: 0.075 } },
    },
  });
  const load = new MixedLoad(mesh.ports).start(clients);
  for (const [node, signal] of [
    [1, 'SIGKILL'],
    [2, 'SIGTERM'],
    [0, 'SIGKILL'],
  ] as const) {
    await load.more(requests / 4);
    await end(load, node, signal);
  }
  await load.more(requests / 4);
  await load.stop();
  ended = load.ended;
  await mesh.whole();
}, 300_000);

afterAll(async () => {
  await mesh.stop();
  upstream.close();
});

/** What the stated bound does not excuse. */
function mustBeThere({ node, atMs, seen }: Ended): boolean {
  if (seen === undefined) return false;
  return !kills.some((kill) => kill.node === node && atMs > kill.atMs - lossWindowMs && atMs <= kill.overMs);
}

const numberOf = ({ client_request_id: id }: TraceView) => Number(id.slice('client-'.length));

describe('mixed requests, nodes being killed and stopped in between', () => {
  let traces: TraceView[];
  let traced: Map<number, TraceView[]>;
  let totals: Map<string, UsageRow>;

  beforeAll(async () => {
    const due = ended.filter(mustBeThere).map(({ id }) => id);
    const isThere = async () => {
      traces = await allTraces(mesh.nodes[0]!);
      traced = Map.groupBy(traces, numberOf);
      return due.every((id) => traced.has(id));
    };
    await until(isThere, 20_000, 'all that was answered is traced').catch((error: unknown) => {
      const lost = ended.filter((each) => mustBeThere(each) && !traced.has(each.id));
      throw new Error(`${lost.length} of ${due.length} are lost: ${JSON.stringify(lost.slice(0, 5))}`, {
        cause: error,
      });
    });
    totals = await usageByModel(mesh.nodes[0]!);
  }, 60_000);

  it('leave a trace each, but for those that a killed node had just recorded or was serving', () => {
    const lost = ended.filter(({ id }) => !traced.has(id));
    console.log(
      `${lost.length} of ${ended.length} left no trace, ${lost.filter(({ seen }) => seen !== undefined).length} of them answered;`,
      `the earliest of these ${Math.max(0, ...lost.filter(({ seen }) => seen !== undefined).map(beforeKill)).toFixed(0)} ms before the kill`,
    );
    expect(kills).toHaveLength(2);
    expect(lost.length).toBeLessThan(ended.length);
    for (const each of lost) expect(mustBeThere(each)).toBe(false);
    expect(traces.length).toBe(new Set(traces.map(({ request_id: id }) => id)).size);
  });

  it('add up to what the upstream counted, to the token', () => {
    for (const model of ['gpt-4o-mini', 'claude-sonnet-4-5', 'gemini-2.5-flash']) {
      const whole = ended.filter((each) => each.model === model && isWhole(each));
      const counted = upstream.ledger.sum(whole.map(({ id }) => id));
      const broken = ended.filter((each) => each.model === model && !isWhole(each) && traced.has(each.id));
      const told = totals.get(model)!;
      const rest = sumOf(broken.flatMap(({ id }) => traced.get(id) ?? []));
      expect({
        requests: told.requests - rest.requests,
        completion: told.completion_tokens - rest.completion,
      }).toEqual({ requests: counted.requests, completion: counted.completion });
      if (broken.length > 0) continue;
      expect(told).toMatchObject({
        prompt_tokens: counted.prompt,
        cache_read_tokens: counted.cacheRead,
        cache_creation_tokens: counted.cacheWrite,
        estimated_requests: 0,
        errors: 0,
      });
    }
  });

  it('are never more than the upstream gave', () => {
    for (const model of ['gpt-4o-mini', 'claude-sonnet-4-5', 'gemini-2.5-flash']) {
      const given = upstream.ledger.sum(ended.filter((each) => each.model === model).map(({ id }) => id));
      expect(totals.get(model)!.prompt_tokens).toBeLessThanOrEqual(given.prompt);
      expect(totals.get(model)!.completion_tokens).toBeLessThanOrEqual(given.completion);
    }
  });

  it('are the same from any node', async () => {
    for (const node of mesh.nodes) expect(await usageByModel(node)).toEqual(totals);
  });

  it('count errors as such, and what a client had before it left', () => {
    const faulty = totals.get(faultyModel)!;
    expect(faulty.requests).toBe(faulty.errors);
    expect(faulty).toMatchObject({ prompt_tokens: 0, completion_tokens: 0 });
    const left = ended.filter(({ id, seen }) => seen === 'left' && traced.has(id));
    expect(left.length).toBeGreaterThan(0);
    for (const { id } of left) expect(traced.get(id)![0]!.prompt_tokens).toBeGreaterThan(0);
    // A busy machine may have told one of them all before it saw it leave.
    const statuses = left.map(({ id }) => traced.get(id)![0]!.status);
    expect(statuses.every((status) => status === 499 || status === 200)).toBe(true);
    expect(statuses).toContain(499);
  });

  /** Answered, and in the store. */
  function isWhole({ id, seen }: Ended): boolean {
    return seen === 'answered' && traced.has(id);
  }
});

function beforeKill({ node, atMs }: Ended): number {
  return Math.min(...kills.filter((kill) => kill.node === node && kill.overMs >= atMs).map((kill) => kill.atMs - atMs));
}

function sumOf(traces: readonly TraceView[]): { requests: number; completion: number } {
  return {
    requests: traces.length,
    completion: traces.reduce((sum, { completion_tokens: tokens }) => sum + (tokens ?? 0), 0),
  };
}
