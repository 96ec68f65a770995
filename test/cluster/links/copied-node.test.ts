import { describe, expect, it } from 'vitest';
import type { SeedResolver } from '../../../cluster/links/contract.ts';
import { linkFaults } from '../../../cluster/links/faults.ts';
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

  const copied = linkFaults.node_id_taken('Another process has the key.');
  const resolver: SeedResolver = { resolve: (_seed, done) => done(copied) };

  it('stops when its seed turns out to be the original, and does not take itself for alone', () => {
    const mesh = new LittleMesh();
    const copy = mesh.add('n1', { seeds: ['original:1'], resolver });
    mesh.advance(60_000);
    expect(copy.fatal).toEqual([copied]);
    expect(copy.links.isJoined).toBe(false);
  });

  it('does not stop the original, a member, that has the place of the copy among its seeds', () => {
    const mesh = new LittleMesh();
    mesh.add('n2');
    const isCopied = { yet: false };
    const original = mesh.add('n1', {
      seeds: ['n2:1', 'copy:1'],
      resolver: {
        resolve: (seed, done) => done(seed === 'copy:1' ? (isCopied.yet ? copied : []) : ['/wire/n2']),
      },
    });
    mesh.advance(3000);
    isCopied.yet = true;
    mesh.advance(60_000);
    expect(original.fatal).toEqual([]);
    expect(original.log.lines.map(({ message }) => message)).toContain(copied.message);
  });

  it('keeps the name when it started first itself', () => {
    const { n1, outbid } = contested(1000);
    for (let round = 0; round < 3; round++) outbid();
    expect(n1.fatal).toEqual([]);
    expect(n1.member('n1').address).toBe('n1:1');
  });
});
