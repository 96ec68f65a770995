import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meshOf, type StateMesh } from '../state-mesh/state-mesh.ts';

/** `n3` says anything at all, to `n2`. */
function say(mesh: StateMesh, body: unknown): void {
  mesh.node('n3').post.send('n2', 'gossip/push', body);
  mesh.advance(2);
}

const fair = { n: 'n3', i: 1003, f: 0, t: 1, g: 0, e: [['load/x', 1, 1]] };

describe('a hostile member', () => {
  it.each([
    ['nothing', null],
    ['no deltas', {}],
    ['a list', []],
    ['a delta that is none', { d: [1], p: 0 }],
    ['no node', { d: [{ ...fair, n: '' }], p: 0 }],
    ['a version beyond counting', { d: [{ ...fair, t: 2 ** 53 - 1 }], p: 0 }],
    ['a version that is no number', { d: [{ ...fair, t: Number.NaN }], p: 0 }],
    [
      'versions backwards',
      {
        d: [
          {
            ...fair,
            t: 2,
            e: [
              ['a', 2, 1],
              ['b', 1, 1],
            ],
          },
        ],
        p: 0,
      },
    ],
    ['a version outside its delta', { d: [{ ...fair, e: [['a', 5, 1]] }], p: 0 }],
    ['a delta that runs backwards', { d: [{ ...fair, f: 5 }], p: 0 }],
    ['a key without end', { d: [{ ...fair, e: [['x'.repeat(301), 1, 1]] }], p: 0 }],
    ['a value without end', { d: [{ ...fair, e: [['a', 1, 'x'.repeat(17_000)]] }], p: 0 }],
    [
      'too many entries',
      { d: [{ ...fair, t: 3000, e: Array.from({ length: 2001 }, (_, index) => [`k${index}`, index + 1, 1]) }], p: 0 },
    ],
    ['no passes', { d: [fair], p: -1 }],
  ])('that says %s is refused', (_name, body) => {
    const mesh = meshOf(3);
    say(mesh, body);
    expect(mesh.node('n2').post.refused).toBe(1);
    expect([...mesh.node('n2').post.refusals]).toEqual(['gossip_malformed']);
    expect(mesh.node('n2').gossip.digest()).toBe(mesh.node('n1').gossip.digest());
  });

  it('is not believed about an incarnation of the future, nor about nodes that are no members', () => {
    const mesh = meshOf(3);
    mesh.node('n1').gossip.set('load/a', 1);
    mesh.advance(50);
    say(mesh, { d: [{ ...fair, n: 'n1', i: 2 ** 50 }], p: 0 });
    for (let index = 0; index < 100; index++) say(mesh, { d: [{ ...fair, n: `ghost${index}` }], p: 0 });
    expect(mesh.node('n2').gossip.get('n1', 'load/a')).toBe(1);
    expect(mesh.node('n2').gossip.digest()).not.toContain('ghost');
  });

  it('does not fill the memory with keys', () => {
    const mesh = meshOf(3);
    mesh.node('n3').gossip.stop();
    const heard: string[] = [];
    mesh.node('n2').gossip.watch('', ({ key }) => heard.push(key));
    for (let chunk = 0; chunk < 15; chunk++) {
      const e = Array.from({ length: 2000 }, (_, index) => [`k${chunk * 2000 + index}`, chunk * 2000 + index + 1, 1]);
      say(mesh, { d: [{ ...fair, f: chunk * 2000, t: (chunk + 1) * 2000, e }], p: 0 });
    }
    expect(heard).toHaveLength(20_000);
    expect(mesh.node('n2').post.refused).toBe(1);
  });

  it('does not fill it with entries whose predecessors are missing', () => {
    const mesh = meshOf(3);
    const heard: string[] = [];
    mesh.node('n2').gossip.watch('', ({ key }) => heard.push(key));
    for (let at = 10; at < 2000; at++)
      say(mesh, { d: [{ ...fair, f: at, t: at + 1, e: [[`k${at}`, at + 1, 1]] }], p: 0 });
    expect(heard.length).toBeLessThanOrEqual(256);
  });

  it('cannot keep a node from being heard by claiming to know more of it than it said', () => {
    const mesh = meshOf(3);
    mesh.node('n1').gossip.set('load/a', 1);
    mesh.advance(50);
    say(mesh, { d: [{ n: 'n1', i: 1001, f: 0, t: 2 ** 51, g: 0, e: [] }], p: 0 });
    mesh.node('n1').gossip.set('load/b', 2);
    mesh.advance(5000);
    expect(mesh.node('n2').gossip.get('n1', 'load/b')).toBe(2);
    expect(mesh.node('n2').gossip.get('n1', 'load/a')).toBe(1);
    mesh.node('n1').gossip.set('load/b', 3);
    mesh.advance(50);
    expect(mesh.node('n2').gossip.get('n1', 'load/b')).toBe(3);
    expect(mesh.node('n2').gossip.digest()).toBe(mesh.node('n1').gossip.digest());
  });

  it('cannot keep a node from being heard by claiming that it forgot what it will yet say', () => {
    const mesh = meshOf(3);
    mesh.node('n1').gossip.set('load/a', 1);
    mesh.advance(50);
    say(mesh, { d: [{ n: 'n1', i: 1001, f: 1, t: 2, g: 2 ** 51, e: [] }], p: 0 });
    mesh.node('n1').gossip.set('load/b', 2);
    mesh.advance(5000);
    expect(mesh.node('n2').gossip.get('n1', 'load/b')).toBe(2);
    expect(mesh.node('n2').gossip.get('n1', 'load/a')).toBe(1);
    expect(mesh.node('n2').gossip.digest()).toBe(mesh.node('n1').gossip.digest());
  });

  it('does not make a node say everything again and again', () => {
    const mesh = meshOf(2);
    const { gossip, post } = mesh.node('n1');
    for (let index = 0; index < 5000; index++) gossip.set(`load/${index}`, index);
    mesh.advance(100);
    mesh.network.bytes = 0;
    for (let claim = 6000; claim < 1_000_000; claim += 10_000) {
      post.receive('n2', 'gossip/push', { d: [{ n: 'n1', i: 1001, f: 0, t: claim, g: 0, e: [] }], p: 0 });
      mesh.advance(5);
    }
    expect(mesh.network.bytes).toBeLessThan(5000 * 20 * 2 * 2);
    mesh.advance(3000);
    expect(mesh.node('n2').gossip.get('n1', 'load/4999')).toBe(4999);
  });

  it('does not turn honest members against each other by what they pass on of its lies', () => {
    const mesh = meshOf(4);
    for (const to of ['n1', 'n2']) {
      const lies = [
        { n: 'n1', i: 1001, f: 0, t: 2 ** 51, g: 0, e: [] },
        { n: 'n3', i: 1003, f: 0, t: 2 ** 52, g: 0, e: [['load/x', 2 ** 52, 1]] },
        { n: 'n4', i: 1004, f: 8, t: 9, g: 0, e: [['load/y', 9, 1]] },
        { n: 'n4', i: 1004, f: 8, t: 9, g: 0, e: [['load/z', 9, 1]] },
      ];
      for (const lie of lies) mesh.node('n3').post.send(to, 'gossip/push', { d: [lie], p: 8 });
    }
    mesh.advance(1000);
    for (let index = 0; index < 20; index++) {
      mesh.node('n1').gossip.set('load/a', index, true);
      mesh.node('n4').gossip.set('load/b', index, true);
      mesh.advance(500);
    }
    for (const id of ['n1', 'n2', 'n4']) expect([id, mesh.node(id).post.refused]).toEqual([id, 0]);
    expect(mesh.node('n2').gossip.get('n1', 'load/a')).toBe(19);
  });

  it('that answers a question with values that cannot be kept does no harm either', () => {
    const mesh = meshOf(3);
    const bad = { n: 'n3', i: 1003, f: 0, t: 5, g: 0, e: [['load/x', 5, 'x'.repeat(17_000)]] };
    mesh.node('n3').post.serve('gossip/sync', (_from, _body, answer) => answer({ d: [bad], k: [], m: true }));
    mesh.node('n1').gossip.set('load/a', 1);
    expect(() => mesh.advance(5000)).not.toThrow();
    expect(mesh.node('n2').gossip.get('n1', 'load/a')).toBe(1);
    expect(mesh.node('n2').gossip.get('n3', 'load/x')).toBeUndefined();
  });

  it('that answers questions with garbage does no harm', () => {
    const mesh = meshOf(3);
    mesh.node('n3').post.serve('gossip/sync', (_from, _body, answer) => answer({ d: 'x', k: 1 }));
    mesh.node('n1').gossip.set('load/a', 1);
    mesh.advance(5000);
    expect(mesh.node('n2').gossip.get('n1', 'load/a')).toBe(1);
  });

  it('only ever provokes our own errors', () => {
    const mesh = meshOf(3);
    const delta = fc.record({
      n: fc.constantFrom('n1', 'n2', 'n3', 'x'),
      i: fc.oneof(fc.constantFrom(1001, 1002, 1003), fc.maxSafeNat()),
      f: fc.nat(20),
      t: fc.nat(20),
      g: fc.nat(20),
      e: fc.array(fc.tuple(fc.string(), fc.nat(20), fc.anything({ withBigInt: false, withDate: false }))),
    });
    const body = fc.oneof(fc.anything({ withBigInt: false }), fc.record({ d: fc.array(delta), p: fc.nat(20) }));
    fc.assert(
      fc.property(body, fc.constantFrom('gossip/push', 'gossip/sync'), (body, kind) => {
        const { post } = mesh.node('n2');
        if (kind === 'gossip/push') post.receive('n3', kind, body);
        else post.question('n3', kind, body, () => undefined);
      }),
      { numRuns: 2000, seed: 3 },
    );
    expect([...mesh.node('n2').post.refusals]).toEqual(['gossip_malformed']);
  });
});
