import { describe, expect, it } from 'vitest';
import { minuteMs, QuotaDisk, QuotaMesh, quotaMeshOf, type StartOptions } from './quota-mesh.ts';

/** A node alone that begins with what a disk has. */
function lone(disk: QuotaDisk, limit = 600): QuotaMesh {
  const mesh = new QuotaMesh();
  mesh.ruleOf = () => ({ limit, windowMs: minuteMs });
  mesh.start('n1', { isAlone: true, isFounder: false, disk });
  return mesh;
}

/** The node comes back with this disk, into the cluster as it is. */
function comeBack(mesh: QuotaMesh, id: string, options: StartOptions): void {
  const config = [...mesh.nodes.values()].find(({ leadership }) => leadership.config !== undefined)?.leadership.config;
  mesh.start(id, { isFounder: false, config, ...options });
  mesh.joinAll();
  mesh.advance(1500);
}

describe('a node alone that starts again', () => {
  it('after a stop in order has exactly what was left, and the rest as it would have come back', () => {
    const disk = new QuotaDisk();
    const before = lone(disk);
    before.drain('n1', 'key', 400);
    before.advance(20_000);
    before.drain('n1', 'key', 100);
    before.leave('n1');
    const after = lone(disk);
    expect(after.drain('n1')).toBe(100);
    after.advance(40_000);
    expect(after.drain('n1')).toBe(0);
    after.advance(3000);
    expect(after.drain('n1')).toBe(400);
  });

  it('after a kill has half of what it hardly used, and nothing of what it used much, for a window', () => {
    const disk = new QuotaDisk();
    const before = lone(disk);
    before.drain('n1', 'little', 100);
    before.drain('n1', 'much', 500);
    before.kill('n1');
    expect(disk.kept).toMatchObject({ state: 'running', marked: ['much'] });
    const after = lone(disk);
    expect(after.drain('n1', 'little')).toBe(300);
    expect(after.drain('n1', 'much')).toBe(0);
    after.advance(minuteMs + 9000);
    expect([after.drain('n1', 'little'), after.drain('n1', 'much')]).toEqual([600, 600]);
  });

  it('after two kills in a row still knows what was used much', () => {
    const disk = new QuotaDisk();
    const before = lone(disk);
    before.drain('n1', 'much', 500);
    before.kill('n1');
    lone(disk).kill('n1');
    expect(lone(disk).drain('n1', 'much')).toBe(0);
  });

  it('after two stops in order knows what counted in a bucket that the second process did not touch', () => {
    const disk = new QuotaDisk();
    const before = lone(disk);
    before.drain('n1', 'key', 450);
    before.leave('n1');
    const between = lone(disk);
    between.advance(10_000);
    between.leave('n1');
    const after = lone(disk);
    expect(after.drain('n1', 'key')).toBe(150);
    after.advance(53_000);
    expect(after.drain('n1', 'key')).toBe(450);
  });

  it('after a kill and a stop in order within one window takes the stop for a kill', () => {
    const disk = new QuotaDisk();
    lone(disk).kill('n1');
    const between = lone(disk);
    between.drain('n1', 'key', 100);
    between.leave('n1');
    expect(disk.kept?.state).toBe('running');
  });

  it('for the first time has all at once', () => {
    expect(lone(new QuotaDisk()).drain('n1')).toBe(600);
  });

  it('writes no more names than it has to', () => {
    const disk = new QuotaDisk();
    const mesh = lone(disk);
    mesh.drain('n1', 'much', 500);
    expect(disk.kept?.marked).toEqual(['much']);
    mesh.advance(2 * minuteMs);
    mesh.drain('n1', 'other', 500);
    expect(disk.kept?.marked).toEqual(['other']);
  });

  it('takes what a window of old says for a file that knows nothing', () => {
    const disk = new QuotaDisk();
    disk.kept = {
      state: 'unknown',
      mayBeTakenOut: true,
      standing: { eras: [], former: [], isAgreed: false, isSaid: false },
      marked: [],
      counts: [],
      loans: [],
    };
    const mesh = lone(disk);
    expect([mesh.drain('n1'), disk.kept.state]).toEqual([0, 'unknown']);
    mesh.advance(minuteMs + 9000);
    expect(mesh.drain('n1')).toBe(600);
  });
});

describe('a member that starts again', () => {
  it('after a kill lives on what others lend, and the limit holds', () => {
    const mesh = quotaMeshOf(3);
    mesh.drain('n1');
    const disk = mesh.kill('n1');
    mesh.advance(1000);
    comeBack(mesh, 'n1', { disk });
    expect(mesh.drain('n1')).toBe(0);
    for (let passedMs = 0; passedMs < 2 * minuteMs; passedMs += 50) {
      for (const id of ['n1', 'n2', 'n3']) mesh.request(id);
      mesh.advance(50);
    }
    expect(mesh.taken.some(({ node, atMs }) => node === 'n1' && atMs > 3000 && atMs < 10_000)).toBe(true);
    expect(mesh.mostInAWindow()).toBeLessThanOrEqual(600);
    expect(mesh.mostInAWindow()).toBeGreaterThan(580);
  });

  it('without its disk has nothing of its own for a window', () => {
    const mesh = quotaMeshOf(3);
    mesh.kill('n1');
    comeBack(mesh, 'n1', { disk: new QuotaDisk() });
    expect(mesh.drain('n1')).toBe(0);
    mesh.advance(minuteMs + 10_000);
    expect(mesh.drain('n1')).toBe(200);
  });

  it('after a stop in order goes on where it was as soon as it has heard of a leader', () => {
    const mesh = quotaMeshOf(3);
    mesh.drain('n1', 'key', 150);
    const disk = mesh.leave('n1');
    expect(disk.kept).toMatchObject({ state: 'stopped', mayBeTakenOut: true });
    comeBack(mesh, 'n1', { disk });
    expect(mesh.drain('n1')).toBe(50);
  });

  it('that finds nobody is not sure to be a voter', () => {
    const mesh = quotaMeshOf(3);
    const disk = mesh.leave('n1');
    const node = mesh.start('n1', { disk, isFounder: false, config: mesh.node('n2').leadership.config });
    node.leadership.leader = undefined;
    mesh.advance(5000);
    expect(mesh.drain('n1')).toBe(0);
    node.leadership.leader = 'n2';
    mesh.advance(1500);
    expect(mesh.drain('n1')).toBe(200);
  });

  it('gives back what it had borrowed when it leaves', () => {
    const mesh = quotaMeshOf(2);
    mesh.drain('n1');
    mesh.request('n1');
    mesh.advance(10);
    expect(mesh.taken.length).toBe(301);
    mesh.leave('n1');
    expect(mesh.at('n2').reading().remaining).toBe(299);
  });
});
