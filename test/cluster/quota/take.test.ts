import { describe, expect, it } from 'vitest';
import { minuteMs, QuotaDisk, QuotaMesh, quotaMeshOf } from './quota-mesh.ts';

/** A node that can never have others. */
function lone(limit = 600, windowMs: number | 'none' = minuteMs): QuotaMesh {
  const mesh = new QuotaMesh();
  mesh.ruleOf = (bucket) =>
    bucket.startsWith('free') ? undefined : { limit, windowMs: windowMs === 'none' ? undefined : windowMs };
  mesh.start('n1', { isAlone: true, isFounder: false });
  return mesh;
}

describe('a node alone', () => {
  it('has all of a limit at once, and again when a window has passed', () => {
    const mesh = lone();
    expect(mesh.drain('n1')).toBe(600);
    mesh.advance(minuteMs);
    expect(mesh.drain('n1')).toBe(0);
    mesh.advance(2700);
    expect(mesh.drain('n1')).toBe(600);
  });

  it('gives everything of what no rule is known for', () => {
    const mesh = lone();
    const quota = mesh.at('n1', 'free');
    expect(quota.take(1e9)).toBe(true);
    expect(quota.reading()).toMatchObject({ remaining: Number.POSITIVE_INFINITY, resetMs: 0 });
    expect(quota.reading().retryAfterMs(5)).toBe(0);
  });

  it('has no timer while nothing counts', () => {
    const mesh = lone();
    const before = mesh.mesh.clock.pendingCount;
    mesh.at('n1').take(1);
    expect(mesh.mesh.clock.pendingCount).toBe(before + 1);
    mesh.advance(2 * minuteMs);
    // The handle was not held by anybody.
    globalThis.gc?.();
    expect(mesh.at('n1').take(600)).toBe(true);
  });

  it('takes all or nothing', () => {
    const quota = lone(10).at('n1');
    expect([quota.take(8), quota.take(3), quota.take(2), quota.take(0)]).toEqual([true, false, true, true]);
    expect(() => quota.take(-1)).toThrow(RangeError);
    expect(() => quota.take(Number.NaN)).toThrow(RangeError);
  });

  it('refuses at once what will not be there in time', () => {
    const mesh = lone(10);
    const answers: boolean[] = [];
    mesh.drain('n1');
    mesh.at('n1').obtain(1, 1000, (isTaken) => answers.push(isTaken));
    mesh.at('n1').obtain(11, 1000, (isTaken) => answers.push(isTaken));
    mesh.at('n1').obtain(1, 0, (isTaken) => answers.push(isTaken));
    expect(answers).toEqual([false, false, false]);
  });

  it('pays a debt before it takes anything else', () => {
    const mesh = lone(100);
    const quota = mesh.at('n1');
    quota.take(50);
    mesh.advance(30_000);
    quota.take(50);
    quota.correct(40, 0);
    expect(quota.reading()).toMatchObject({ limit: 100, remaining: 0 });
    mesh.advance(32_000);
    expect([quota.take(11), quota.take(10), quota.take(1)]).toEqual([false, true, false]);
  });

  it('gives back what was taken too much', () => {
    const quota = lone(100).at('n1');
    quota.take(100);
    quota.correct(-30, 0);
    quota.correct(0, 0);
    expect(quota.reading().remaining).toBe(30);
    expect([quota.take(31), quota.take(30)]).toEqual([false, true]);
  });

  it('says what is left, until when, and when to come again', () => {
    const mesh = lone(100);
    const quota = mesh.at('n1');
    expect(quota.reading()).toMatchObject({ limit: 100, remaining: 100, resetMs: 0 });
    quota.take(60);
    mesh.advance(20_000);
    quota.take(40);
    const reading = quota.reading();
    expect(reading.remaining).toBe(0);
    expect(reading.resetMs).toBeGreaterThanOrEqual(minuteMs);
    expect(reading.retryAfterMs(1)).toBeLessThan(43_000);
    expect(reading.retryAfterMs(61)).toBe(reading.resetMs);
    mesh.advance(reading.retryAfterMs(60));
    expect(quota.take(60)).toBe(true);
  });

  it('counts what is in use until it is released', () => {
    const mesh = lone(3, 'none');
    const quota = mesh.at('n1');
    expect([1, 2, 3, 4].map(() => quota.take(1))).toEqual([true, true, true, false]);
    mesh.advance(10 * minuteMs);
    expect(quota.take(1)).toBe(false);
    quota.release(2);
    expect([1, 2, 3].map(() => quota.take(1))).toEqual([true, true, false]);
    quota.correct(-1, 0);
    expect(quota.reading()).toMatchObject({ remaining: 1, resetMs: 0 });
  });

  it('gives the same handle while anybody has it, and loses nothing when it is let go', () => {
    const mesh = lone(10);
    const quota = mesh.at('n1');
    expect(mesh.at('n1')).toBe(quota);
    quota.take(10);
    mesh.advance(3 * minuteMs);
    expect(mesh.at('n1')).toBe(quota);
    expect([quota.take(10), quota.take(1)]).toEqual([true, false]);
  });

  it('takes no name that is none', () => {
    const { quotas } = lone().node('n1');
    expect(() => quotas.at('')).toThrow(RangeError);
    expect(() => quotas.at('x'.repeat(201))).toThrow(RangeError);
  });

  it('counts on when a rule changes, and gives everything when it is gone', () => {
    const mesh = lone(100);
    const { quotas } = mesh.node('n1');
    const quota = mesh.at('n1');
    quota.take(60);
    mesh.ruleOf = () => ({ limit: 80, windowMs: minuteMs });
    quotas.changed('key');
    expect(quota.reading()).toMatchObject({ limit: 80, remaining: 20 });
    mesh.ruleOf = () => ({ limit: 80, windowMs: 10_000 });
    quotas.changed('key');
    expect([quota.take(21), quota.take(20)]).toEqual([false, true]);
    mesh.ruleOf = () => undefined;
    quotas.changed('key');
    quotas.changed('nobody knows');
    expect(quota.take(1e6)).toBe(true);
  });

  it('holds no more buckets than it says, and lets idle ones go for others', { timeout: 60_000 }, () => {
    const mesh = lone(5);
    const { quotas } = mesh.node('n1');
    const handles = Array.from({ length: 50_000 }, (_, index) => quotas.at(`k${index}`));
    for (const handle of handles.slice(1)) handle.take(5);
    expect(quotas.at('one more').take(1)).toBe(true);
    expect(quotas.at('and one').take(1)).toBe(false);
    // The first was let go, and is one of those that have no room now.
    expect(handles[0]?.take(1)).toBe(false);
    mesh.advance(2 * minuteMs);
    expect([handles[0]?.take(5), handles[1]?.take(5), handles[1]?.take(1)]).toEqual([true, true, false]);
  });
});

describe('members', () => {
  it('have equal shares, and units of the others within one question', () => {
    const mesh = quotaMeshOf(3);
    expect(mesh.drain('n1')).toBe(200);
    const answers: boolean[] = [];
    mesh.at('n1').obtain(1, 50, (isTaken) => answers.push(isTaken));
    expect(answers).toEqual([]);
    mesh.advance(5);
    expect(answers).toEqual([true]);
  });

  it('know roughly what the others have', () => {
    const mesh = quotaMeshOf(3);
    mesh.drain('n2', 'key', 150);
    mesh.drain('n3', 'key', 100);
    mesh.advance(2000);
    const reading = mesh.at('n1').reading();
    expect(reading.remaining).toBe(350);
    expect(reading.resetMs).toBeGreaterThan(50_000);
    mesh.advance(minuteMs + 3000);
    expect(mesh.at('n1').reading()).toMatchObject({ remaining: 600, resetMs: 0 });
  });

  it('that are no voters borrow all they need', () => {
    const mesh = quotaMeshOf(3);
    mesh.start('n4', { config: mesh.configure('n1', 'n2', 'n3'), isFounder: false });
    mesh.joinAll();
    mesh.advance(1000);
    expect(mesh.drain('n4')).toBe(0);
    for (let index = 0; index < 500; index++) {
      mesh.request('n4');
      mesh.advance(10);
    }
    expect(mesh.taken.length).toBeGreaterThan(480);
  });

  it('serve those who wait in the order in which they came, each once', () => {
    const mesh = quotaMeshOf(3);
    const order: string[] = [];
    mesh.drain('n1');
    for (const name of ['a', 'b', 'c']) mesh.at('n1').obtain(20, 100, (isTaken) => order.push(`${name} ${isTaken}`));
    expect(mesh.at('n1').take(1)).toBe(false);
    mesh.advance(200);
    expect(order).toEqual(['a true', 'b true', 'c true']);
  });

  it('are told no in time when nobody answers', () => {
    const mesh = quotaMeshOf(3);
    mesh.drain('n1');
    mesh.mesh.network.misfortune.lossChance = 1;
    const answers: [boolean, number][] = [];
    const beganMs = mesh.nowMs;
    mesh.at('n1').obtain(1, 40, (isTaken) => answers.push([isTaken, mesh.nowMs - beganMs]));
    mesh.advance(2000);
    expect(answers).toEqual([[false, 40]]);
  });

  it('let no more than so many wait', () => {
    const mesh = quotaMeshOf(3);
    mesh.drain('n1');
    mesh.mesh.network.misfortune.lossChance = 1;
    let refused = 0;
    for (let index = 0; index < 1500; index++) mesh.at('n1').obtain(1, 40, () => refused++);
    expect(refused).toBe(500);
    mesh.advance(41);
    expect(refused).toBe(1500);
  });

  it('get what is large from several', () => {
    const mesh = quotaMeshOf(3);
    mesh.ruleOf = () => ({ limit: 9000, windowMs: minuteMs });
    const { quotas } = mesh.node('n1');
    quotas.changed('large');
    mesh.request('n1', 8000, 'large', 100);
    mesh.advance(200);
    expect(mesh.taken.map(({ amount }) => amount)).toEqual([8000]);
  });
});

describe('a split', () => {
  it('never lets the sides have more than the limit, and each has its shares', () => {
    const mesh = quotaMeshOf(3);
    const beganMs = mesh.nowMs;
    mesh.cut('n1', 'n2');
    mesh.cut('n1', 'n3');
    for (let passedMs = 0; passedMs < 3 * minuteMs; passedMs += 20) {
      for (const id of ['n1', 'n2', 'n3']) mesh.request(id);
      mesh.advance(20);
    }
    expect(mesh.mostInAWindow()).toBeLessThanOrEqual(600);
    const ofOne = mesh.taken.filter(({ node, atMs }) => node === 'n1' && atMs < beganMs + minuteMs);
    expect(ofOne.length).toBe(200);
    const ofTwo = mesh.taken.filter(({ node, atMs }) => node !== 'n1' && atMs < beganMs + minuteMs);
    expect(ofTwo.length).toBeGreaterThanOrEqual(390);
  });

  it('that begins while loans are out keeps them', () => {
    const mesh = quotaMeshOf(2);
    for (let round = 0; round < 400; round++) {
      mesh.request('n1', 1, 'key', 100);
      mesh.advance(round % 7);
      if (round === 250) mesh.cut('n1', 'n2');
      mesh.drain('n2', 'key', 1);
    }
    mesh.drain('n2');
    for (let passedMs = 0; passedMs < 2 * minuteMs; passedMs += 50) {
      mesh.request('n1');
      mesh.request('n2');
      mesh.advance(50);
    }
    expect(mesh.mostInAWindow()).toBeLessThanOrEqual(600);
  });
});

describe('a disk', () => {
  it('is not waited for by those who take little', () => {
    const disk = new QuotaDisk();
    const mesh = new QuotaMesh();
    mesh.start('n1', { isAlone: true, disk });
    disk.isSlow = true;
    expect(mesh.drain('n1')).toBe(300);
    const answers: boolean[] = [];
    mesh.at('n1').obtain(1, 100, (isTaken) => answers.push(isTaken));
    expect(answers).toEqual([]);
    disk.flush();
    expect(answers).toEqual([true]);
    expect(mesh.drain('n1')).toBe(299);
  });

  it('is waited for by a loan of much, which is not lost when the borrower waits no longer', () => {
    const mesh = quotaMeshOf(2);
    const { disk } = mesh.node('n2');
    mesh.drain('n1');
    mesh.drain('n2', 'key', 80);
    disk.isSlow = true;
    mesh.request('n1', 200, 'key', 2000);
    mesh.advance(20);
    disk.flush();
    mesh.advance(2000);
    expect(mesh.taken.at(-1)).toMatchObject({ node: 'n1', amount: 200 });
    mesh.drain('n1', 'other');
    mesh.drain('n2', 'other', 80);
    mesh.request('n1', 200, 'other', 100);
    mesh.advance(1000);
    disk.isSlow = false;
    disk.flush();
    mesh.advance(20);
    expect(mesh.drain('n2', 'other')).toBe(220);
  });

  it('that refuses stops nobody for long', () => {
    const disk = new QuotaDisk();
    disk.failure = new Error('full');
    const mesh = new QuotaMesh();
    mesh.start('n1', { isAlone: true, disk });
    expect(mesh.drain('n1')).toBe(0);
    mesh.advance(5000);
    expect(mesh.drain('n1')).toBe(600);
    disk.failure = undefined;
    mesh.advance(2000);
    expect(disk.kept?.state).toBe('running');
  });
});
