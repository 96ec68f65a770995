import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quotaMeshOf, type QuotaMesh } from './quota-mesh.ts';

const anything = fc.anything({ withBigInt: false, withDate: false, withMap: false, withSet: false });

/** What n3 says to n1, and asks it. */
function say(mesh: QuotaMesh, kind: string, body: unknown): void {
  mesh.node('n3').post.send('n1', kind, body);
}
function ask(mesh: QuotaMesh, service: string, body: unknown): unknown {
  let answer: unknown;
  mesh.node('n3').post.ask('n1', service, body, 100, (given) => (answer = given));
  mesh.advance(10);
  return answer;
}

describe('a member that talks nonsense', () => {
  it('is refused, and nothing else happens', () => {
    const mesh = quotaMeshOf(3);
    const bodies = fc.oneof(
      anything,
      fc.record({ b: anything, w: anything, i: anything, s: anything }, { requiredKeys: [] }),
      fc.record({ b: fc.constant('key'), i: fc.nat(), s: fc.array(fc.tuple(anything, anything)) }),
    );
    fc.assert(
      fc.property(bodies, fc.constantFrom('quota/return', 'quota/borrow', 'quota/held'), (body, kind) => {
        mesh.node('n1').post.receive('n3', kind, body);
        mesh.node('n1').post.question('n3', kind, body, () => undefined);
      }),
    );
    expect(mesh.node('n1').post.refusals).toEqual(new Set(['bad_quota_message']));
    expect(mesh.drain('n1')).toBe(200);
  });

  it.each([
    { b: 'key', w: -5, i: 1 },
    { b: 'key', w: 1.5, i: 1 },
    { b: 'key', w: 2 ** 60, i: 1 },
    { b: 'key', w: 1, i: -1 },
    { b: '', w: 1, i: 1 },
    { b: 'x'.repeat(201), w: 1, i: 1 },
  ])('gets no loan for %j', (body) => {
    const mesh = quotaMeshOf(3);
    expect(ask(mesh, 'quota/borrow', body)).toBeUndefined();
    expect(mesh.node('n1').post.refused).toBe(1);
  });

  it('gains nothing by giving back what it never had, or more than it had', () => {
    const mesh = quotaMeshOf(3);
    mesh.drain('n1', 'key', 150);
    expect(ask(mesh, 'quota/borrow', { b: 'key', w: 10, i: 7 })).toMatchObject({ a: 10 });
    say(mesh, 'quota/return', { b: 'key', i: 8, s: [] });
    say(mesh, 'quota/return', { b: 'nobody', i: 7, s: [] });
    mesh.advance(10);
    expect(mesh.node('n1').post.refused).toBe(0);
    say(mesh, 'quota/return', { b: 'key', i: 7, s: [[0, 11]] });
    mesh.advance(10);
    expect(mesh.node('n1').post.refused).toBe(1);
    expect(mesh.drain('n1')).toBe(40);
  });

  it('cannot say that it took something before it had it', () => {
    const mesh = quotaMeshOf(3);
    ask(mesh, 'quota/borrow', { b: 'key', w: 100, i: 7 });
    say(mesh, 'quota/return', { b: 'key', i: 7, s: [[59_000, 100]] });
    mesh.advance(30_000);
    expect(mesh.drain('n1')).toBe(100);
  });

  it('has no more from one node than that node’s share', () => {
    const mesh = quotaMeshOf(3);
    let lent = 0;
    for (let id = 0; id < 1000; id++) {
      const answer = ask(mesh, 'quota/borrow', { b: 'key', w: 1 + (id % 2) * 1000, i: id }) as { a: number };
      lent += answer.a;
    }
    expect(lent).toBe(200);
  });

  it('makes no buckets of names that nobody limits', () => {
    const mesh = quotaMeshOf(3);
    mesh.ruleOf = (bucket) => (bucket === 'key' ? { limit: 10, windowMs: 1000 } : undefined);
    expect(ask(mesh, 'quota/borrow', { b: 'other', w: 1, i: 1 })).toMatchObject({ a: 0 });
  });

  it('is not believed when it lends more than it was asked for, or of another kind', () => {
    const mesh = quotaMeshOf(2);
    mesh.drain('n1');
    let answer: unknown;
    mesh.node('n2').post.serve('quota/borrow', (_from, _body, reply) => reply(answer));
    for (answer of [{ a: 1e6, l: 5000, t: 0 }, { a: 1, l: null, t: 0 }, { a: 1, l: 0, t: 0 }, { a: -1 }, 'yes', null]) {
      mesh.request('n1');
      mesh.advance(3000);
    }
    expect(mesh.taken.length).toBe(300);
  });

  it('misleads readings at most', () => {
    const mesh = quotaMeshOf(3);
    mesh.drain('n1', 'key', 1);
    for (const value of [[1e12, 0], [Number.NaN, 1], ['x', 1], 5, [100, 1e15], null]) {
      mesh.node('n3').gossip.set('quota/key', value);
      mesh.node('n3').gossip.set('quotas', value);
      mesh.advance(100);
      expect(mesh.at('n1').reading().remaining).toBeLessThanOrEqual(600);
    }
    mesh.node('n3').gossip.set('quota/key', [-1e9, 50]);
    mesh.advance(100);
    expect(mesh.at('n1').reading().remaining).toBe(0);
    expect(mesh.drain('n1')).toBe(199);
  });
});
