import { describe, expect, it } from 'vitest';
import type { ClearOutcome, ClearScope } from '../../../node/cache/contract.ts';
import { ownClearsMax } from '../../../node/cache/mesh/limits.ts';
import { FakeMesh, three, type FakeNode } from './fake-mesh.ts';
import { ask, label, type Request } from './mesh-client.ts';

const one = label('one');

async function clear(mesh: FakeMesh, node: FakeNode, scope: ClearScope, ms = 10): Promise<ClearOutcome> {
  const outcome = node.side.controls.clear(scope);
  mesh.clock.advance(ms);
  return outcome;
}

describe('a clear', () => {
  it('takes effect everywhere before it is answered', async () => {
    const { mesh, n1, n2, n3, pass } = three();
    const first = ask(n1, one);
    pass();
    first.answered('old');
    pass();
    const outcome = await clear(mesh, n2, { kind: 'all' });
    expect(outcome).toEqual({ cleared: 0, acknowledged: ['n2', 'n1', 'n3'], missing: [] });
    for (const node of [n1, n2, n3]) expect(node.cache.find(one.key, Infinity)).toBeUndefined();
    expect(new Set(mesh.nodes.map(({ side }) => side.epoch)).size).toBe(1);
  });

  it('names members that did not hear of it, which serve nothing until they have', async () => {
    const { mesh, n1, n3, pass } = three();
    ask(n3, one).answered('old');
    n3.away.add('n1').add('n2');
    n3.isCurrent = false;
    const outcome = await clear(mesh, n1, { kind: 'all' }, 2000);
    expect(outcome.missing).toEqual(['n3']);
    expect(ask(n3, one).state).toBe('asks');
    expect(n3.cache.reading().entries).toBe(1);
    n3.away.clear();
    n3.catchUp(n1);
    n3.isCurrent = true;
    expect(n3.cache.reading().entries).toBe(0);
    pass();
  });

  it('of a model, a tag or a key takes those alone, also of answers that came from elsewhere', async () => {
    const { mesh, n1, n2, n3, pass } = three();
    const labels = [
      label('a', 'gpt', ['x']),
      label('b', 'gpt', ['y']),
      label('c', 'claude', ['x']),
      label('d', 'claude'),
    ];
    for (const each of labels) {
      const request = ask(n1, each);
      pass();
      request.answered('old');
      pass();
      ask(n2, each);
      pass();
    }
    const kept = (node: FakeNode) => labels.filter(({ key }) => node.cache.peek(key) !== undefined).length;
    await clear(mesh, n2, { kind: 'key', value: labels[3]?.key ?? '' });
    expect([n1, n2, n3].map(kept)).toEqual([3, 3, 3]);
    await clear(mesh, n3, { kind: 'model', value: 'gpt' });
    expect([n1, n2, n3].map(kept)).toEqual([1, 1, 1]);
    await clear(mesh, n1, { kind: 'tag', value: 'x' });
    expect([n1, n2, n3].map(kept)).toEqual([0, 0, 0]);
  });

  it('keeps out an answer that was begun before it, on every way', async () => {
    const { mesh, n1, n2, n3, pass } = three();
    const first = ask(n1, one);
    pass();
    const second = ask(n2, one);
    pass();
    await clear(mesh, n3, { kind: 'all' });
    const after = ask(n2, one);
    pass();
    first.answered('old');
    pass();
    expect(after.state).toBe('asks');
    expect(second.state).toBe('asks');
    for (const node of [n1, n2, n3]) expect(node.cache.reading().entries).toBe(0);
    after.answered('new');
    pass();
    expect(ask(n3, one).state).toBe('hit new');
  });

  it('that one of two members has not heard of yet keeps them from sharing', () => {
    const { mesh, n1, n3, pass } = three();
    ask(n3, one).answered('old');
    n3.away.add('n2');
    void mesh.node('n2').side.controls.clear({ kind: 'all' });
    pass();
    const request = ask(n1, one);
    pass();
    expect(request.state).toBe('asks');
    request.answered('new');
    pass();
    expect(n3.cache.peek(one.key)?.body.toString()).toBe('old');
    pass(2000);
  });

  it('replaces those that it includes; too many become one of everything', async () => {
    const { mesh, n1, n2 } = three();
    for (const value of ['a', 'a', 'b']) await clear(mesh, n1, { kind: 'model', value });
    expect(n2.records('cache_clears').map(({ id }) => id)).toEqual(['model:a@n1', 'model:b@n1']);
    await clear(mesh, n2, { kind: 'model', value: 'a' });
    await clear(mesh, n1, { kind: 'all' });
    expect(
      n1
        .records('cache_clears')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['all@n1', 'model:a@n2']);
    for (let count = 0; count < ownClearsMax; count++) await clear(mesh, n1, { kind: 'tag', value: `t${count}` }, 3);
    expect(n2.records('cache_clears').filter(({ writer }) => writer === 'n1')).toHaveLength(1);
    expect(new Set(mesh.nodes.map(({ side }) => side.epoch)).size).toBe(1);
  });

  it('that was removed before it came takes effect with its removal', () => {
    const { n1, n3, pass } = three();
    ask(n3, one).answered('old');
    const stamp = { major: 1, minor: 1 };
    const gone = { table: 'cache_clears', id: 'model:m@n1', stamp, writer: 'n1', payload: undefined, isDeleted: true };
    n3.take(gone);
    expect(n3.cache.reading().entries).toBe(0);
    ask(n3, one).answered('new');
    n3.take({ ...gone, id: 'model:other@n1' });
    expect(n3.cache.reading().entries).toBe(1);
    n3.take({ ...gone, id: 'of a later version' });
    expect(n3.cache.reading().entries).toBe(0);
    expect(n1.cache.reading().entries).toBe(0);
    pass();
  });

  it('is forgotten once no entry can be that old', async () => {
    const { mesh, n1, n2 } = three();
    await clear(mesh, n1, { kind: 'model', value: 'a' });
    await clear(mesh, n2, { kind: 'model', value: 'b' });
    mesh.clock.advance(2 * 3_600_000);
    await clear(mesh, n1, { kind: 'model', value: 'c' });
    expect(
      n2
        .records('cache_clears')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['model:b@n2', 'model:c@n1']);
    mesh.kill('n2');
    mesh.clock.advance(2 * 3_600_000);
    await clear(mesh, n1, { kind: 'model', value: 'd' });
    expect(n1.records('cache_clears').map(({ id }) => id)).toEqual(['model:d@n1']);
  });
});

describe('whatever happens', () => {
  it('no member serves an answer that was begun before a clear that all have acknowledged', async () => {
    let served = 0;
    for (let seed = 1; seed <= 150; seed++) served += await wildRun(seed);
    expect(served).toBeGreaterThan(1000);
  });
});

/** A few hundred random steps with late and lost messages; answers how many requests were served from a cache. */
async function wildRun(seed: number): Promise<number> {
  const mesh = new FakeMesh({ seed, delayMs: [1, 40] });
  const { random, clock } = mesh;
  const scopes: readonly ClearScope[] = [{ kind: 'all' }, { kind: 'model', value: 'm' }, { kind: 'tag', value: 't' }];
  const of = label('one', 'm', ['t']);
  const asking: { request: Request; begunMs: number }[] = [];
  const asked: { request: Request; minMs: number }[] = [];
  const clears: Promise<void>[] = [];
  let clearedMs = -1;
  const steps: Record<string, (node: FakeNode) => void> = {
    ask(node) {
      const begunMs = clock.monotonicMs();
      const begin = (request: Request) => void asking.push({ request, begunMs: clock.monotonicMs() });
      asked.push({ request: ask(node, of, begin), minMs: Math.min(clearedMs, begunMs) });
    },
    answer() {
      const [oldest] = asking.splice(random.below(asking.length || 1), 1);
      if (oldest !== undefined && random.below(5) > 0) oldest.request.answered(String(oldest.begunMs));
      else oldest?.request.place?.fail();
    },
    clear(node) {
      const atMs = clock.monotonicMs();
      const scope = scopes[random.below(scopes.length)] ?? { kind: 'all' };
      const cleared = node.side.controls.clear(scope).then(({ missing }) => {
        if (missing.length === 0) clearedMs = Math.max(clearedMs, atMs);
      });
      clears.push(cleared);
    },
    wait: () => clock.advance(random.below(25)),
    weather: () => void (mesh.loss = random.below(3) === 0 ? 0.3 : 0),
  };
  const names = ['ask', 'ask', 'ask', 'answer', 'answer', 'wait', 'wait', 'wait'];
  for (let count = 0; count < 400; count++) {
    const name = random.below(20) === 0 ? 'clear' : random.below(50) === 0 ? 'weather' : names[random.below(8)];
    steps[name ?? 'wait']?.(mesh.nodes[random.below(3)] as FakeNode);
    // Clears that were answered meanwhile are noted before anybody asks again.
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const { request, begunMs } of asking) request.answered(String(begunMs));
  clock.advance(200_000);
  await Promise.all(clears);
  for (const { request, minMs } of asked) {
    expect(request.state, `seed ${seed}`).not.toBe('waits');
    if (request.outcome !== undefined) expect(Number(request.text), `seed ${seed}`).toBeGreaterThanOrEqual(minMs);
  }
  return asked.filter(({ request }) => request.outcome !== undefined).length;
}
