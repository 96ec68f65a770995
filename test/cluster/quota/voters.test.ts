import { describe, expect, it } from 'vitest';
import { timings } from '../../../cluster/timing.ts';
import { minuteMs, QuotaDisk, QuotaMesh, quotaMeshOf } from './quota-mesh.ts';

const hourMs = timings.loopback.deadVoterKeepMs;

describe('a cluster that begins', () => {
  it('has its shares within a second', () => {
    const mesh = new QuotaMesh();
    for (const id of ['n1', 'n2', 'n3']) mesh.start(id);
    mesh.joinAll();
    mesh.configure('n1', 'n2', 'n3');
    mesh.advance(800);
    expect(['n1', 'n2', 'n3'].map((id) => mesh.drain(id))).toEqual([200, 200, 200]);
  });

  it('grows by members that never were there before, which have their shares as soon as the others know', () => {
    const mesh = new QuotaMesh();
    mesh.start('n1');
    mesh.configure('n1');
    mesh.advance(300);
    expect(mesh.drain('n1', 'before', 300)).toBe(300);
    mesh.start('n2', { isFounder: false, config: mesh.node('n1').leadership.config });
    mesh.joinAll();
    mesh.advance(300);
    mesh.configure('n1', 'n2');
    mesh.advance(1000);
    expect([mesh.drain('n1'), mesh.drain('n2')]).toEqual([300, 300]);
  });

  it('of named voters has its shares when none of them remembers anything', () => {
    const mesh = new QuotaMesh();
    const config = { clusterId: 'static-x', term: 0, version: 1, voters: ['n1', 'n2'] };
    for (const id of ['n1', 'n2']) mesh.start(id, { isFounder: false, config });
    mesh.advance(1000);
    expect([mesh.drain('n1'), mesh.drain('n2')]).toEqual([0, 0]);
    mesh.joinAll();
    mesh.advance(1000);
    expect([mesh.drain('n1'), mesh.drain('n2')]).toEqual([300, 300]);
  });
});

describe('voters that change', () => {
  it('take effect at once where they are a loss, and where they are a gain once what was taken fits', () => {
    const mesh = new QuotaMesh();
    mesh.start('n1');
    mesh.configure('n1');
    mesh.advance(300);
    mesh.drain('n1', 'key', 500);
    mesh.start('n2', { isFounder: false, config: mesh.node('n1').leadership.config });
    mesh.joinAll();
    mesh.advance(300);
    mesh.configure('n1', 'n2');
    mesh.advance(1000);
    expect([mesh.drain('n1'), mesh.drain('n2')]).toEqual([0, 0]);
    mesh.advance(minuteMs + 2000);
    expect([mesh.drain('n1'), mesh.drain('n2')]).toEqual([300, 300]);
    expect(mesh.mostInAWindow()).toBeLessThanOrEqual(600);
  });

  it('wait for each voter to say it', () => {
    const mesh = quotaMeshOf(2);
    mesh.start('n3', { isFounder: false, config: mesh.node('n1').leadership.config });
    mesh.joinAll();
    mesh.advance(500);
    mesh.cut('n2', 'n1');
    mesh.cut('n2', 'n3');
    const former = mesh.node('n2').leadership.config;
    mesh.configure('n1', 'n2', 'n3');
    mesh.node('n2').leadership.config = former;
    mesh.advance(2 * minuteMs);
    expect([mesh.drain('n1'), mesh.drain('n2'), mesh.drain('n3')]).toEqual([200, 300, 0]);
    mesh.mend('n1', 'n2');
    mesh.mend('n2', 'n3');
    mesh.node('n2').leadership.config = mesh.node('n1').leadership.config;
    mesh.advance(minuteMs + 5000);
    expect([mesh.drain('n1'), mesh.drain('n2'), mesh.drain('n3')]).toEqual([200, 200, 200]);
    expect(mesh.mostInAWindow()).toBeLessThanOrEqual(600);
  });

  it('give the share of one that is taken out to the others a window later', () => {
    const mesh = quotaMeshOf(3);
    mesh.drain('n3');
    mesh.kill('n3');
    mesh.configure('n1', 'n2');
    mesh.advance(1000);
    expect([mesh.drain('n1'), mesh.drain('n2')]).toEqual([200, 200]);
    mesh.advance(30_000);
    expect([mesh.drain('n1'), mesh.drain('n2')]).toEqual([0, 0]);
    mesh.advance(40_000);
    expect([mesh.drain('n1'), mesh.drain('n2')]).toEqual([300, 300]);
    expect(mesh.mostInAWindow()).toBeLessThanOrEqual(600);
  });

  it('keep one that comes back without its disk from what it may have taken before', () => {
    const mesh = quotaMeshOf(2);
    mesh.drain('n2');
    mesh.kill('n2');
    mesh.configure('n1');
    mesh.advance(2000);
    mesh.start('n2', { isFounder: false, disk: new QuotaDisk(), config: mesh.node('n1').leadership.config });
    mesh.joinAll();
    mesh.advance(1000);
    mesh.configure('n1', 'n2');
    mesh.advance(2000);
    expect(mesh.drain('n2')).toBe(0);
    mesh.drain('n1');
    expect(mesh.mostInAWindow()).toBeLessThanOrEqual(600);
  });

  it('take nothing from one that is cut off, until it may have been taken out', () => {
    const mesh = quotaMeshOf(3);
    mesh.cut('n3', 'n1');
    mesh.cut('n3', 'n2');
    mesh.node('n3').leadership.leader = undefined;
    mesh.advance(0.75 * hourMs);
    expect(mesh.drain('n3')).toBe(200);
    mesh.advance(0.1 * hourMs);
    expect(mesh.drain('n3')).toBe(0);
  });

  it('leave one of two its share for good', () => {
    const mesh = quotaMeshOf(2);
    mesh.cut('n1', 'n2');
    mesh.node('n1').leadership.leader = undefined;
    mesh.advance(2 * hourMs);
    expect(mesh.drain('n1')).toBe(300);
  });

  it('are looked at when a process that stood still takes again', () => {
    const mesh = quotaMeshOf(3);
    const { clock, quotas } = mesh.node('n1');
    const quota = quotas.at('key');
    expect(quota.take(1)).toBe(true);
    clock.freeze();
    mesh.advance(2 * hourMs);
    let isTaken: boolean | undefined;
    clock.thaw(() => (isTaken = quota.take(1)));
    expect(isTaken).toBe(false);
  });
});

describe('loans', () => {
  it('are not spent after their end by a process that stood still', () => {
    const mesh = quotaMeshOf(2);
    const { clock } = mesh.node('n1');
    mesh.drain('n1');
    mesh.request('n1');
    mesh.advance(10);
    const quota = mesh.at('n1');
    clock.freeze();
    mesh.advance(20_000);
    let isTaken: boolean | undefined;
    clock.thaw(() => (isTaken = quota.take(1)));
    expect(isTaken).toBe(false);
  });

  it('come back unspent, or a window after they ended when nobody says what became of them', () => {
    const mesh = quotaMeshOf(2);
    mesh.drain('n1', 'heard', 300);
    mesh.request('n1', 1, 'heard');
    mesh.advance(1500);
    expect(mesh.at('n2', 'heard').reading().remaining).toBeLessThanOrEqual(299);
    mesh.advance(6000);
    expect(mesh.drain('n2', 'heard')).toBe(299);
    mesh.drain('n1', 'unheard', 300);
    for (let count = 0; count < 30; count++) mesh.request('n1', 1, 'unheard');
    mesh.advance(100);
    mesh.cut('n1', 'n2');
    mesh.advance(7000);
    expect(mesh.drain('n2', 'unheard')).toBe(270);
    mesh.advance(minuteMs);
    expect(mesh.drain('n2', 'unheard')).toBeGreaterThanOrEqual(30);
  });

  it('that come back twice count once, also when the wire repeats everything', () => {
    const mesh = quotaMeshOf(3, 7);
    Object.assign(mesh.mesh.network.misfortune, { duplicateChance: 0.5, lossChance: 0.1, delayMaxMs: 80 });
    for (let passedMs = 0; passedMs < 4 * minuteMs; passedMs += 20) {
      mesh.request(passedMs % 100 === 0 ? 'n2' : 'n1', 1, 'key', 200);
      mesh.advance(20);
    }
    expect(mesh.mostInAWindow()).toBeLessThanOrEqual(600);
    expect(mesh.mostInAWindow()).toBeGreaterThan(500);
  });
});
