import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { VoterConfig } from '../../../cluster/leader/contract.ts';
import type { Mesh } from '../../../cluster/contract.ts';
import { AesSealer } from '../../../cluster/secret/aes-sealer.ts';
import { silentLog } from '../../../kit/log.ts';
import type { Trace, TraceQuery, UsageQuery } from '../../../node/store/contract.ts';
import { storeFaults } from '../../../node/store/faults.ts';
import { BatchBuilder } from '../../../node/usage/batch-builder.ts';
import { questionsServedMax, sumTimeoutMs, tracesPerAnswerMax } from '../../../node/usage/limits.ts';
import { ClusterUsage } from '../../../node/usage/mesh/cluster-usage.ts';
import { services } from '../../../node/usage/mesh/wire.ts';
import { sealPrompt } from '../../../node/usage/sealed-prompt.ts';
import { meshOf, type StateMesh } from '../../cluster/state-mesh/state-mesh.ts';
import { aTrace } from './a-trace.ts';
import { MemoryUsageStore } from './memory-usage-store.ts';

const sealer = new AesSealer(new Uint8Array(32));
const allTime = { fromMs: 0, toMs: 2_000_000_000_000 };
const byKey: UsageQuery = { groupBy: 'key', ...allTime };
const latest: TraceQuery = { limit: 100, ...allTime };

let mesh: StateMesh;
let voters: string[];
const stores = new Map<string, MemoryUsageStore>();
const desks = new Map<string, ClusterUsage>();

beforeEach(() => {
  mesh = meshOf(3);
  voters = ['n1', 'n2', 'n3'];
  for (const id of voters) stores.set(id, new MemoryUsageStore());
  for (const id of voters) desks.set(id, deskOf(id, store(id)));
});

const store = (id: string) => stores.get(id) as MemoryUsageStore;
const desk = (id: string) => desks.get(id) as ClusterUsage;

function deskOf(id: string, own: MemoryUsageStore): ClusterUsage {
  const { post, membership, clock } = mesh.node(id);
  const leadership = {
    get config() {
      return { voters } as Partial<VoterConfig>;
    },
  } as unknown as Mesh['leadership'];
  const face = { self: id, members: membership, leadership, post, sealer };
  const reading = () => {
    throw new Error('nobody asks here');
  };
  return new ClusterUsage({ mesh: face, store: own, clock, log: silentLog, reading });
}

let batches = 0;

async function put(id: string, ...traces: Trace[]): Promise<void> {
  const builder = new BatchBuilder(id);
  for (const trace of traces) builder.addTrace(trace);
  await store(id).write(builder.take(`${id}/${++batches}`).batch);
}

/** Messages take a millisecond each, and stores a few turns. */
async function answered<T>(question: Promise<T>, stepMs = 1): Promise<T> {
  let isSettled = false;
  void question.catch(() => undefined).finally(() => (isSettled = true));
  await vi.waitFor(
    () => {
      mesh.advance(stepMs);
      expect(isSettled).toBe(true);
    },
    { interval: 1 },
  );
  return question;
}

describe('sums of the whole cluster', () => {
  it('may be beyond what whole numbers are exact to, in currencies of small units', async () => {
    const dear = { costNano: 6e15, currency: 'VND' };
    await put('n2', aTrace(dear));
    await put('n2', aTrace(dear));
    const { rows, missing } = await answered(desk('n1').usage(byKey));
    expect(missing).toEqual([]);
    expect(rows).toMatchObject([{ currency: 'VND', costNano: 12e15 }]);
  });

  it('are the same from any member: rows of one group and currency are added', async () => {
    await put('n1', aTrace({ key: 'a' }), aTrace({ key: 'b' }));
    await put('n2', aTrace({ key: 'a', status: 500 }), aTrace({ key: 'a', currency: 'EUR', usageEstimated: true }));
    await put('n3', aTrace({ key: 'a', cacheReadTokens: 7, cacheCreationTokens: 9 }));
    for (const id of ['n1', 'n2', 'n3']) {
      const { rows, missing } = await answered(desk(id).usage(byKey));
      expect(missing).toEqual([]);
      expect(rows.map(({ group, currency, requests, errors }) => [group, currency, requests, errors])).toEqual([
        ['a', 'EUR', 1, 0],
        ['a', 'USD', 3, 1],
        ['b', 'USD', 1, 0],
      ]);
      expect(rows[1]).toEqual({
        group: 'a',
        currency: 'USD',
        requests: 3,
        errors: 1,
        promptTokens: 300,
        completionTokens: 60,
        cacheCreationTokens: 9,
        cacheReadTokens: 7,
        costNano: 81_000,
        estimated: 0,
      });
      expect(rows[0]).toMatchObject({ estimated: 1 });
    }
  });

  it('are asked for with all that narrows them', async () => {
    await put('n2', aTrace({ key: 'a', user: 'u1' }), aTrace({ key: 'a', user: 'u2' }));
    const { rows } = await answered(desk('n1').usage({ ...byKey, groupBy: 'user', user: 'u2' }));
    expect(rows.map(({ group }) => group)).toEqual(['u2']);
  });
});

describe('members that do not answer are named', () => {
  it('when they are silent, after a bounded time', async () => {
    await put('n1', aTrace());
    mesh.node('n2').clock.freeze();
    const beganMs = mesh.clock.nowMs();
    const { rows, missing } = await answered(desk('n1').usage(byKey), 100);
    expect(missing).toEqual(['n2']);
    expect(rows).toHaveLength(1);
    expect(mesh.clock.nowMs() - beganMs).toBeLessThanOrEqual(sumTimeoutMs + 500);
  });

  it('when they are dead or have left, or are voters that nobody has heard of', async () => {
    mesh.believe('n1', 'n2', 'dead');
    mesh.believe('n1', 'n3', 'left');
    voters = ['n1', 'n2', 'n9'];
    expect((await answered(desk('n1').usage(byKey))).missing).toEqual(['n2', 'n3', 'n9']);
    expect((await answered(desk('n1').traces(latest))).missing).toEqual(['n2', 'n3', 'n9']);
  });

  it('when they are of a version that does not know the question', async () => {
    mesh.start('n4');
    mesh.joinAll();
    expect((await answered(desk('n1').usage(byKey), 100)).missing).toEqual(['n4']);
  });

  it('when their store fails, at once', async () => {
    store('n2').silence = storeFaults.store_unavailable('the disk is gone');
    const beganMs = mesh.clock.nowMs();
    expect((await answered(desk('n1').usage(byKey))).missing).toEqual(['n2']);
    expect(mesh.clock.nowMs() - beganMs).toBeLessThan(sumTimeoutMs);
  });

  it('when it is the node that was asked; where nobody answers, the failure is told', async () => {
    store('n1').silence = storeFaults.store_unavailable('the disk is gone');
    await put('n2', aTrace());
    const { rows, missing } = await answered(desk('n1').usage(byKey));
    expect({ count: rows.length, missing }).toEqual({ count: 1, missing: ['n1'] });
    for (const id of ['n2', 'n3']) store(id).silence = storeFaults.store_unavailable('the disk is gone');
    await expect(answered(desk('n1').usage(byKey))).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('but a question that is wrong is told of at once', async () => {
    store('n1').silence = storeFaults.store_question_slow('too long a time');
    await expect(answered(desk('n1').usage(byKey))).rejects.toMatchObject({ code: 'store_question_slow' });
  });
});

describe('what a hostile member says', () => {
  const row = ['a', 'USD', 1, 0, 1, 1, 0, 0, 0, 0];
  it.each([
    ['nothing', null],
    ['no rows', {}],
    ['a text', 'rows'],
    ['short rows', { rows: [['a', 'USD', 1]] }],
    ['a negative count', { rows: [row.with(2, -1)] }],
    ['no number', { rows: [row.with(2, '1')] }],
    ['a fraction', { rows: [row.with(2, 0.5)] }],
    ['infinity', { rows: [row.with(8, Infinity)] }],
    ['a name without end', { rows: [row.with(0, 'x'.repeat(10_000))] }],
    ['rows without end', { rows: Array.from({ length: 20_001 }, () => row) }],
  ])('is not added up: %s', async (_, answer) => {
    await put('n1', aTrace());
    mesh.node('n2').post.serve(services.sum, (_from, _body, say) => say(answer));
    const { rows, missing } = await answered(desk('n1').usage(byKey));
    expect(missing).toEqual(['n2']);
    expect(rows).toHaveLength(1);
  });

  it.each([
    ['no list', { traces: 'x' }],
    ['no JSON', { traces: [['k', 'n2', '[']] }],
    ['no row', { traces: [['k', 'n2', '{}']] }],
    ['an empty row', { traces: [['k', 'n2', '[]']] }],
    ['a row without end', { traces: [['k', 'n2', `["${'x'.repeat(20_000)}"]`]] }],
    ['traces without end', { traces: Array.from({ length: tracesPerAnswerMax + 1 }, () => ['k', 'n2', '[]']) }],
  ])('is no trace: %s', async (_, answer) => {
    mesh.node('n2').post.serve(services.traces, (_from, _body, say) => say(answer));
    mesh.node('n2').post.serve(services.trace, (_from, _body, say) => say(answer));
    const { traces, missing } = await answered(desk('n1').traces(latest));
    expect({ traces, missing }).toEqual({ traces: [], missing: ['n2'] });
    expect(await answered(desk('n1').trace('r'))).toBeUndefined();
  });

  it.each([
    [services.sum, null],
    [services.sum, { ...byKey, groupBy: '__proto__' }],
    [services.sum, { ...byKey, key: 5 }],
    [services.sum, { ...byKey, key: 'x'.repeat(1_000) }],
    [services.traces, { ...latest, limit: 1e9 }],
    [services.traces, { ...latest, limit: -1 }],
    [services.traces, { ...latest, fromMs: Number.NaN }],
    [services.trace, { requestId: ['a'] }],
    [services.prompt, {}],
  ])('is no question: %s %j', async (service, body) => {
    const asked = new Promise((resolve) => mesh.node('n2').post.ask('n1', service, body, 100, resolve));
    expect(await answered(asked, 10)).toBeUndefined();
    expect([...mesh.node('n1').post.refusals]).toEqual(['usage_message_malformed']);
  });

  it('makes no more queries than a few at a time', async () => {
    const gate = Promise.withResolvers<void>();
    const usage = vi.spyOn(store('n1'), 'usage').mockImplementation(async () => {
      await gate.promise;
      return [];
    });
    const asked = Array.from({ length: 100 }, () => answered(desk('n2').usage(byKey)));
    await vi.waitFor(() => {
      mesh.advance(1);
      expect(usage).toHaveBeenCalledTimes(questionsServedMax);
    });
    gate.resolve();
    const outcomes = await Promise.all(asked);
    expect(usage).toHaveBeenCalledTimes(questionsServedMax);
    expect(outcomes.filter(({ missing }) => missing.includes('n1'))).toHaveLength(100 - questionsServedMax);
    expect((await answered(desk('n2').usage(byKey))).missing).toEqual([]);
  });
});

describe('traces of the whole cluster', () => {
  it('come in one order, page by page, without one twice or left out', async () => {
    const all: Trace[] = [];
    for (const [index, id] of ['n1', 'n2', 'n3', 'n1', 'n2', 'n3', 'n3'].entries()) {
      const trace = aTrace({ node: id, requestId: `r${index}`, startedAtMs: 1_700_000_000_000 + (index % 4) });
      all.push(trace);
      await put(id, trace);
    }
    const ids: string[] = [];
    let after: TraceQuery['after'];
    for (;;) {
      const { traces } = await answered(desk('n2').traces({ ...latest, limit: 2, after }));
      ids.push(...traces.map(({ requestId }) => requestId));
      after = traces.at(-1);
      if (traces.length < 2) break;
    }
    expect(ids).toEqual(['r3', 'r6', 'r2', 'r5', 'r1', 'r4', 'r0']);
    const { traces } = await answered(desk('n1').traces(latest));
    expect(traces.find(({ requestId }) => requestId === 'r4')).toEqual(all[4]);
  });

  it('are narrowed at each member', async () => {
    await put('n2', aTrace({ requestId: 'bad', status: 503 }), aTrace());
    await put('n3', aTrace({ requestId: 'other', status: 503, key: 'key_2' }));
    const { traces } = await answered(desk('n1').traces({ ...latest, status: 5, key: 'key_1' }));
    expect(traces.map(({ requestId }) => requestId)).toEqual(['bad']);
  });

  it('are no more than one answer holds', async () => {
    const traces = vi.spyOn(store('n1'), 'traces');
    await answered(desk('n1').traces({ ...latest, limit: 1e9 }));
    expect(traces).toHaveBeenCalledWith({ ...latest, limit: tracesPerAnswerMax });
  });
});

describe('one request', () => {
  it('is found at whichever member it was served', async () => {
    const trace = aTrace({ node: 'n3', requestId: 'mine' });
    await put('n3', trace);
    for (const id of ['n1', 'n2', 'n3']) expect(await answered(desk(id).trace('mine'))).toEqual(trace);
    expect(await answered(desk('n1').trace('nobody'))).toBeUndefined();
  });

  it('is not one that was not asked for', async () => {
    mesh.node('n2').post.serve(services.trace, (_from, _body, say) => {
      say({ traces: [['k', 'n2', '[200,"other",1,1,null,0,1,"miss","m",null,null,null,"p"]']] });
    });
    expect(await answered(desk('n1').trace('mine'))).toBeUndefined();
  });

  it('is found although another member is silent', async () => {
    await put('n3', aTrace({ node: 'n3', requestId: 'mine' }));
    mesh.node('n2').clock.freeze();
    const beganMs = mesh.clock.nowMs();
    expect((await answered(desk('n1').trace('mine')))?.node).toBe('n3');
    expect(mesh.clock.nowMs() - beganMs).toBeLessThan(1_000);
  });

  it('gives its prompt from any member, for as long as it is kept', async () => {
    const text = (content: string) => new TextEncoder().encode(content);
    const kept = { requestId: 'r1', key: 'k', keepMs: 60_000, prompt: text('why?'), answer: text('so.') };
    const builder = new BatchBuilder('n2');
    builder.addPrompt(sealPrompt(kept, sealer, mesh.clock.nowMs()));
    await store('n2').write(builder.take('prompts').batch);
    for (const id of ['n1', 'n2']) {
      expect(await answered(desk(id).prompt('r1'))).toEqual({ prompt: 'why?', answer: 'so.' });
    }
    expect(await answered(desk('n1').prompt('r2'))).toBeUndefined();
    mesh.advance(60_000);
    expect(await answered(desk('n1').prompt('r1'))).toBeUndefined();
  });
});

describe('a store that several nodes share', () => {
  it('is asked alone', async () => {
    const shared = new MemoryUsageStore(true);
    const own = deskOf('n1', shared);
    const builder = new BatchBuilder('n2');
    builder.addTrace(aTrace({ requestId: 'r1' }));
    await shared.write(builder.take('b').batch);
    await put('n2', aTrace({ requestId: 'r2' }));
    mesh.believe('n1', 'n3', 'dead');
    expect(await own.usage(byKey)).toMatchObject({ rows: [{ requests: 1 }], missing: [] });
    expect((await own.traces(latest)).traces.map(({ requestId }) => requestId)).toEqual(['r1']);
    expect(await own.trace('r2')).toBeUndefined();
    expect(await own.prompt('r2')).toBeUndefined();
  });
});
