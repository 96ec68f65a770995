import { describe, expect, it } from 'vitest';
import { encodeClaim } from '../../../cluster/membership/claim.ts';
import { LittleMesh, type LittleNode } from '../mesh/little-mesh.ts';

describe('a copy of a node with its key', () => {
  /** What n1 is told of a process with its name and key that started so much later, and outbids it three times. */
  function contested(laterMs: number) {
    const mesh = new LittleMesh(6);
    const [n1, n2] = mesh.grow(2) as [LittleNode, LittleNode];
    const startedAtMs = n1.membership.self.startedAtMs + laterMs;
    const outbid = () => {
      const { self } = n1.membership;
      const facts = { ...self, startedAtMs, incarnation: self.incarnation + 1, address: 'copy:1' };
      n2.post.send('n1', 'swim.news', { c: [encodeClaim({ facts, state: 'alive', by: undefined })] });
      mesh.advance(100);
    };
    return { n1, outbid };
  }

  it('stops when the other started first and lives', () => {
    const { n1, outbid } = contested(-1000);
    outbid();
    expect(n1.fatal).toEqual([]);
    outbid();
    expect(n1.fatal).toMatchObject([{ code: 'node_id_taken', message: expect.stringContaining('copy:1') as string }]);
  });

  it('keeps the name when it started first itself', () => {
    const { n1, outbid } = contested(1000);
    for (let round = 0; round < 3; round++) outbid();
    expect(n1.fatal).toEqual([]);
    expect(n1.member('n1').address).toBe('n1:1');
  });
});
