import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Entry, entryOverheadBytes, entrySizeBytes } from '../../../node/cache/entry.ts';
import { EntryStore } from '../../../node/cache/entry-store.ts';
import { ManualClock } from '../../manual-clock.ts';

let clock: ManualClock;
beforeEach(() => {
  clock = new ManualClock();
});

function entry(key: string, bodyBytes = 10, begunMs = clock.monotonicMs(), ageMs = 0): Entry {
  return new Entry(
    { key, model: 'm', tags: [] },
    { body: Buffer.alloc(bodyBytes), dropped: '' },
    begunMs,
    ageMs,
    clock,
  );
}

const sizeOfOne = () => entry('a').sizeBytes;

describe('the bound', () => {
  it('holds after whatever is put, read, dropped and resized, and counts what is there exactly', () => {
    const step = fc.record({
      key: fc.integer({ min: 0, max: 30 }),
      bytes: fc.nat(4000),
      what: fc.constantFrom('put', 'put', 'put', 'get', 'drop', 'resize', 'wait'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const time = new ManualClock();
        let bytesMax = 20_000;
        const store = new EntryStore({ bytesMax, ttlMs: 5000 }, time);
        const kept = () => {
          let bytes = 0;
          let entries = 0;
          // Asks each entry without dropping any.
          store.drop((each) => {
            bytes += each.sizeBytes;
            entries++;
            return false;
          });
          return { bytes, entries };
        };
        for (const { key, bytes, what } of steps) {
          const label = { key: String(key), model: 'm', tags: [] };
          const made = () => new Entry(label, { body: Buffer.alloc(bytes), dropped: '' }, time.monotonicMs(), 0, time);
          if (what === 'put') store.put(made());
          if (what === 'get') expect(store.get(String(key))?.key ?? String(key)).toBe(String(key));
          if (what === 'drop') store.drop((each) => each.key === String(key));
          if (what === 'resize') store.reconfigure({ bytesMax: (bytesMax = 5000 + bytes * 5), ttlMs: 5000 });
          if (what === 'wait') time.advance(bytes);
          expect(store.bytes).toBeLessThanOrEqual(bytesMax);
          expect({ bytes: store.bytes, entries: store.size }).toEqual(kept());
        }
        store.stop();
      }),
    );
  });

  it('is one of bytes: body, names and what an entry costs beside them', () => {
    const label = { key: 'k'.repeat(43), model: 'gpt', tags: ['ab', 'c'] };
    const size = entrySizeBytes(label, { body: Buffer.alloc(100), dropped: 'seed' });
    expect(size).toBe(entryOverheadBytes + 100 + 2 * (43 + 3 + 3 + 4));
  });

  it('does not keep alive the buffer that an answer came in', () => {
    const whole = Buffer.alloc(65_536, 'x');
    const kept = new Entry(
      { key: 'a', model: 'm', tags: [] },
      { body: whole.subarray(10, 30), dropped: '' },
      0,
      0,
      clock,
    );
    expect(kept.body.toString()).toBe('x'.repeat(20));
    expect(kept.body.buffer.byteLength).toBe(20);
  });

  it('keeps out what would take more than an eighth', () => {
    const store = new EntryStore({ bytesMax: 8 * 2000, ttlMs: 1000 }, clock);
    expect(store.put(entry('a', 2000 - sizeOfOne() + 10))).toBe(true);
    expect(store.put(entry('b', 2001 - sizeOfOne() + 10))).toBe(false);
    expect(store.size).toBe(1);
    store.stop();
  });
});

describe('what makes room', () => {
  it('is the least recently used, as often as there is need', () => {
    const store = new EntryStore({ bytesMax: 10 * sizeOfOne(), ttlMs: 1000 }, clock);
    const keys = [...'abcdefghij'];
    for (const key of keys) store.put(entry(key));
    store.get('a');
    store.get('c');
    for (const key of 'xy') store.put(entry(key));
    expect(keys.filter((key) => store.get(key) === undefined)).toEqual(['b', 'd']);
    expect([store.evictions, store.size]).toEqual([2, 10]);
    store.stop();
  });
});

describe('age', () => {
  it('ends an entry by either clock: while a machine slept, monotonic time stood still', () => {
    const store = new EntryStore({ bytesMax: 100_000, ttlMs: 1000 }, clock);
    store.put(entry('a'));
    clock.advance(999);
    expect(store.get('a')).toBeDefined();
    clock.jumpWall(1);
    expect(store.get('a')).toBeUndefined();
    expect(store.expired).toBe(1);
    store.put(entry('b'));
    clock.jumpWall(-1_000_000);
    clock.advance(999);
    expect(store.get('b')?.ageMs()).toBe(999);
    clock.advance(1);
    expect(store.get('b')).toBeUndefined();
    store.stop();
  });

  it('counts from when the upstream answered, wherever that was', () => {
    const store = new EntryStore({ bytesMax: 100_000, ttlMs: 1000 }, clock);
    expect(store.put(entry('old', 10, 0, 1000))).toBe(false);
    expect(store.put(entry('a', 10, 0, 900))).toBe(true);
    clock.advance(100);
    expect(store.get('a')).toBeUndefined();
    store.stop();
  });

  it('frees the memory of what nobody asks for again, and then lets no timer tick', () => {
    const store = new EntryStore({ bytesMax: 100_000, ttlMs: 60_000 }, clock);
    expect(clock.pendingCount).toBe(0);
    store.put(entry('a'));
    clock.advance(50_000);
    store.put(entry('b'));
    clock.advance(10_000);
    expect(store.size).toBe(1);
    clock.advance(60_000);
    expect([store.size, store.bytes, clock.pendingCount]).toEqual([0, 0, 0]);
  });
});

it('keeps the answer that was begun later, whichever is done first', () => {
  const store = new EntryStore({ bytesMax: 100_000, ttlMs: 1000 }, clock);
  const later = entry('a', 20, 5);
  store.put(later);
  expect(store.put(entry('a', 10, 4))).toBe(false);
  expect(store.get('a')).toBe(later);
  store.stop();
});
