import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimMsMax, peerAnswerBytesMax } from '../../../node/cache/mesh/limits.ts';
import { three } from './fake-mesh.ts';
import { ask, label } from './mesh-client.ts';

const one = label('one');

describe('switching', () => {
  it('holds on all members, and on those that come later', async () => {
    const { mesh, n1, n2, n3, pass } = three();
    const off = n1.side.controls.setEnabled(false);
    pass();
    expect(await off).toEqual({ acknowledged: ['n1', 'n2', 'n3'], missing: [] });
    expect(mesh.nodes.map(({ cache }) => cache.isEnabled)).toEqual([false, false, false]);
    const on = n3.side.controls.setEnabled(true);
    pass();
    await on;
    expect([n1, n2, n3].map(({ cache }) => cache.isEnabled)).toEqual([true, true, true]);
  });

  it('off, a member takes part in nothing', async () => {
    const { n1, n3, pass } = three();
    n3.cache.isEnabled = false;
    const request = ask(n1, one);
    pass();
    expect(request.state).toBe('asks');
    request.answered('hello');
    pass();
    expect(n3.cache.reading().entries).toBe(0);
  });
});

describe('what a hostile member sends', () => {
  const kinds = ['cache.claim', 'cache.turn', 'cache.put', 'cache.pass'];
  const good = { n: 0, k: one.key, m: 'm', t: ['x'], e: '', r: 'hit', b: Buffer.from('{}'), d: '', a: 0, u: false };

  it('is refused where it is malformed, and harms nothing', () => {
    const { n1, n3, pass } = three();
    const field = fc.constantFrom(...Object.keys(good));
    const value = fc.anything({ withTypedArray: true, withBigInt: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.array(fc.tuple(field, value)),
        fc.anything(),
        (kind, wrong, garbage) => {
          n3.receive('n1', kind, { ...good, ...Object.fromEntries(wrong) });
          n3.receive('n1', kind, garbage);
          pass(1);
        },
      ),
      { numRuns: 500 },
    );
    expect(new Set(n3.refused)).toEqual(new Set(['cache_message_malformed']));
    expect(n3.cache.reading().entries).toBeLessThanOrEqual(1);
    expect(n1.isUp).toBe(true);
  });

  it.each([
    ['cache.claim', { n: -1 }],
    ['cache.claim', { k: 'x' }],
    ['cache.claim', { m: 'x'.repeat(1000) }],
    ['cache.claim', { t: Array.from({ length: 100 }, () => 'x') }],
    ['cache.turn', { r: 'what' }],
    ['cache.turn', { d: 'a\r\nset-cookie: b' }],
    ['cache.put', { b: Buffer.alloc(peerAnswerBytesMax + 1) }],
    ['cache.put', { b: 'text' }],
    ['cache.put', { a: -1 }],
    ['cache.put', { a: NaN }],
    ['cache.put', { e: 'x'.repeat(100) }],
    ['cache.pass', { n: 'one' }],
  ])('%s with %o is refused', (kind, wrong) => {
    const { n3 } = three();
    n3.receive('n1', kind, { ...good, ...wrong });
    expect(n3.refused).toEqual(['cache_message_malformed']);
  });

  it('does not grow memory: claims that are never ended are bounded, and given up', () => {
    const { mesh, n3, pass } = three();
    const { epoch } = n3.side;
    for (let id = 0; id < 3000; id++) {
      n3.receive('n1', 'cache.claim', { n: id, k: label(String(id)).key, m: 'm', t: [], e: epoch });
    }
    expect(n3.side.claimsOfMembers).toBe(1000);
    pass(claimMsMax);
    expect(n3.side.claimsOfMembers).toBe(0);
    expect(mesh.clock.pendingCount).toBe(0);
  });
});
