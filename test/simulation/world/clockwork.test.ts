import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../kit/random.ts';
import { Disk } from './disk.ts';
import { EventQueue } from './event-queue.ts';
import { HandleCodec } from './handle-codec.ts';
import { NodeClock } from './node-clock.ts';

describe('the event queue', () => {
  it('runs events by time, then by their making, and passes over cancelled ones', () => {
    const queue = new EventQueue();
    const ran: string[] = [];
    const random = seededRandom(5);
    const times = Array.from({ length: 200 }, () => random.below(50));
    for (const [index, atMs] of times.entries()) queue.after(atMs, () => ran.push(`${atMs}/${index}`));
    queue.after(25, () => ran.push('cancelled')).cancel();
    while (queue.step(1000));
    const expected = times
      .map((atMs, index) => ({ atMs, index }))
      .toSorted((left, right) => left.atMs - right.atMs || left.index - right.index);
    expect(ran).toEqual(expected.map(({ atMs, index }) => `${atMs}/${index}`));
    expect(queue.nowMs).toBe(1000);
  });
});

describe('the clock of a node', () => {
  const clockOf = (queue: EventQueue, rate: number) =>
    new NodeClock({ queue, rate, wallOffsetMs: 500, originMs: 7, runTurn: (action) => action() });

  it('drifts, its timers too, and its wall clock alone jumps', () => {
    const queue = new EventQueue();
    const clock = clockOf(queue, 1.01);
    const wallMs = clock.nowMs();
    let firedMs = 0;
    clock.after(1010, () => (firedMs = queue.nowMs));
    clock.jumpWall(-3000);
    while (queue.step(10_000));
    expect(firedMs).toBeCloseTo(1000, 6);
    expect(clock.monotonicMs()).toBeCloseTo(10_107, 6);
    expect(clock.nowMs() - wallMs).toBe(7100);
  });

  it('forgets its timers with its process, and counts those that wait', () => {
    const queue = new EventQueue();
    const clock = clockOf(queue, 1);
    let ticks = 0;
    const timer = clock.every(10, () => ticks++);
    clock.after(5, () => ticks++);
    expect(clock.pending).toBe(2);
    queue.step(5);
    timer.cancel();
    timer.cancel();
    expect(clock.pending).toBe(0);
    clock.after(10, () => ticks++);
    clock.stop();
    while (queue.step(100));
    expect(ticks).toBe(1);
  });
});

describe('the disk', () => {
  const diskOf = (queue: EventQueue, failRate: number) =>
    new Disk(queue, seededRandom(3), { writeMinMs: 1, writeMeanMs: 5, failRate });

  it('writes in order, and tells when it is done', () => {
    const queue = new EventQueue();
    const disk = diskOf(queue, 0);
    const told: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      disk.write(
        () => told.push(`wrote ${name}`),
        () => told.push(`told ${name}`),
      );
    }
    while (queue.step(1000));
    expect(told).toEqual(['a', 'b', 'c', 'd'].flatMap((name) => [`wrote ${name}`, `told ${name}`]));
  });

  it('keeps a beginning of what was under way when the process is killed, and tells nobody', () => {
    const lengths = new Set<number>();
    for (let round = 0; round < 30; round++) {
      const queue = new EventQueue();
      const disk = new Disk(queue, seededRandom(round), { writeMinMs: 1, writeMeanMs: 5, failRate: 0 });
      const written: number[] = [];
      for (let index = 0; index < 4; index++)
        disk.write(
          () => written.push(index),
          () => written.push(-1),
        );
      disk.crash();
      while (queue.step(1000));
      expect(written).toEqual([0, 1, 2, 3].slice(0, written.length));
      lengths.add(written.length);
    }
    expect(lengths.size).toBe(5);
  });

  it('fails writes, and says so', () => {
    const queue = new EventQueue();
    const disk = diskOf(queue, 1);
    const ends: unknown[] = [];
    disk.write(
      () => ends.push('written'),
      (error) => ends.push(error),
    );
    while (queue.step(1000));
    expect(ends).toEqual([expect.objectContaining({ message: 'the disk is full' })]);
    expect(disk.failed).toBe(1);
  });
});

describe('frames that hold a number instead of a message', () => {
  it('give the message back, and refuse others', () => {
    const codec = new HandleCodec();
    const frames = ['a', { b: 1 }].map((value) => codec.encode(value));
    expect(frames.map((frame) => codec.decode(frame))).toEqual(['a', { b: 1 }]);
    for (const bad of [new Uint8Array(3), Uint8Array.of(9, 0, 0, 0)]) {
      expect(() => codec.decode(bad)).toThrow(expect.objectContaining({ code: 'peer_message_malformed' }));
    }
  });
});
