import { describe, expect, it } from 'vitest';
import { timings } from '../../../cluster/timing.ts';
import { QuotaDisk, quotaMeshOf, type QuotaMesh } from './quota-mesh.ts';

const hourMs = timings.loopback.deadVoterKeepMs;

/** Voters with a limit of what is in use at once. */
function usersOf(count: number, limit = 9): QuotaMesh {
  const mesh = quotaMeshOf(count);
  mesh.ruleOf = () => ({ limit, windowMs: undefined });
  return mesh;
}

/** As many as can be had in a while, one after the other. */
function fill(mesh: QuotaMesh, id: string): number {
  const before = mesh.taken.length;
  for (let round = 0; round < 40; round++) {
    mesh.request(id, 1, 'use', 200);
    mesh.advance(50);
  }
  return mesh.taken.length - before;
}

describe('units in use', () => {
  it('can all be had at one node', () => {
    const mesh = usersOf(3);
    expect(fill(mesh, 'n1')).toBe(9);
    expect(fill(mesh, 'n2')).toBe(0);
    mesh.at('n1', 'use').release(4);
    expect(fill(mesh, 'n2') + fill(mesh, 'n2') + fill(mesh, 'n2')).toBe(4);
  });

  it('go back when they are not needed any more, to whoever needs them', () => {
    const mesh = usersOf(3);
    fill(mesh, 'n1');
    mesh.at('n1', 'use').release(9);
    mesh.advance(20_000);
    for (const id of ['n1', 'n2', 'n3']) expect(mesh.drain(id, 'use')).toBe(3);
  });

  it('stay with one that is cut off, for as long as it may live', () => {
    const mesh = usersOf(3);
    fill(mesh, 'n1');
    mesh.cut('n1', 'n2');
    mesh.cut('n1', 'n3');
    mesh.advance(0.9 * hourMs);
    expect([fill(mesh, 'n2'), fill(mesh, 'n3')]).toEqual([0, 0]);
    mesh.advance(0.2 * hourMs);
    expect(fill(mesh, 'n2')).toBe(6);
  });

  it('come back from one that left, and from one that was killed and came back', () => {
    const mesh = usersOf(3);
    fill(mesh, 'n1');
    const disk = mesh.kill('n1');
    expect(fill(mesh, 'n2')).toBe(0);
    mesh.start('n1', { isFounder: false, disk, config: mesh.node('n2').leadership.config });
    mesh.joinAll();
    mesh.advance(8000);
    expect(fill(mesh, 'n2')).toBe(9);
    mesh.leave('n2');
    expect(fill(mesh, 'n3')).toBe(6);
  });

  it('that were lent are not forgotten over a restart', () => {
    const mesh = usersOf(3);
    fill(mesh, 'n1');
    const disk = mesh.kill('n2');
    expect(disk.kept?.loans.reduce((sum, { amount }) => sum + amount, 0)).toBe(3);
    mesh.start('n2', { isFounder: false, disk, config: mesh.node('n1').leadership.config });
    mesh.joinAll();
    mesh.advance(8000);
    expect(mesh.drain('n2', 'use')).toBe(0);
    mesh.at('n1', 'use').release(9);
    mesh.advance(20_000);
    expect(mesh.drain('n2', 'use')).toBe(3);
  });

  it('that were lent are asked for when the disk is lost', () => {
    const mesh = usersOf(3);
    fill(mesh, 'n1');
    mesh.kill('n2');
    mesh.start('n2', { isFounder: false, disk: new QuotaDisk(), config: mesh.node('n1').leadership.config });
    mesh.advance(8000);
    expect(mesh.drain('n2', 'use')).toBe(0);
    mesh.joinAll();
    mesh.advance(8000);
    expect(mesh.drain('n2', 'use')).toBe(0);
    // Not before a window has passed does it count for the others again.
    mesh.advance(80_000);
    expect(mesh.drain('n2', 'use')).toBe(0);
    mesh.at('n1', 'use').release(9);
    mesh.advance(20_000);
    expect(mesh.drain('n2', 'use')).toBe(3);
  });

  it('are not lent while the disk refuses', () => {
    const mesh = usersOf(2, 10);
    mesh.node('n2').disk.failure = new Error('full');
    expect(fill(mesh, 'n1')).toBe(5);
    expect(mesh.drain('n2', 'use')).toBe(5);
  });

  it('of a voter that was taken out count at those who have them', () => {
    const mesh = usersOf(3);
    fill(mesh, 'n1');
    mesh.kill('n3');
    mesh.configure('n1', 'n2');
    mesh.advance(20_000);
    // n2 may not have its half before n1 has less than its own.
    expect(fill(mesh, 'n2')).toBe(0);
    mesh.at('n1', 'use').release(9);
    mesh.advance(20_000);
    expect(fill(mesh, 'n2')).toBe(9);
  });
});
