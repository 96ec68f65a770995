import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog, type Log } from '../../../kit/log.ts';
import { seededRandom } from '../../../kit/random.ts';
import {
  behindAfterMs,
  drainMs,
  lossLogPeriodMs,
  refusalsMax,
  spillAfterMs,
  spillRetryMs,
  waitingBytesMax,
  waitingTracesMax,
  writeBackoff,
} from '../../../node/usage/limits.ts';
import { LossLog } from '../../../node/usage/loss-log.ts';
import { Outbox } from '../../../node/usage/outbox.ts';
import { SpillFolder } from '../../../node/usage/spill-folder.ts';
import { freshFolder } from '../../cluster/folder.ts';
import { ManualClock } from '../../manual-clock.ts';
import { sized } from './a-batch.ts';
import { MemoryUsageStore, refused } from './memory-usage-store.ts';

const root = freshFolder();
let folder: string;
let clock: ManualClock;
let store: MemoryUsageStore;
let losses: LossLog;
let outbox: Outbox;
let told: string[];
let bytesMax: number;

const log: Log = {
  ...silentLog,
  warn: (message) => void told.push(message),
  error: (message) => void told.push(message),
};

beforeEach(async () => {
  folder = join(root(), 'spill');
  clock = new ManualClock();
  store = new MemoryUsageStore();
  told = [];
  bytesMax = 1_000_000_000;
  outbox = await start();
});

afterEach(async () => {
  const stopped = outbox.stop(0);
  clock.advance(0);
  await stopped;
});

async function start(): Promise<Outbox> {
  losses = new LossLog(clock, log);
  const spill = new SpillFolder({ folder, log, bytesMax: () => bytesMax });
  await spill.load();
  const made = new Outbox({ clock, random: seededRandom(1), log, store, spill, losses });
  made.start();
  return made;
}

const written = () => [...store.batches.keys()];
const isWritten = (...ids: string[]) => vi.waitFor(() => expect(written()).toEqual(ids));
const wasTried = (count: number) => vi.waitFor(() => expect(store.tried.length).toBeGreaterThanOrEqual(count));

/** Time passes, a little at a time, until it is so. */
function passing(isSo: () => void, stepMs = 50): Promise<void> {
  return vi.waitFor(
    () => {
      clock.advance(stepMs);
      isSo();
    },
    { timeout: 10_000, interval: 2 },
  );
}

describe('batches for the store', () => {
  it('are written in order, one at a time', async () => {
    const gate = Promise.withResolvers<void>();
    store.gate = gate.promise;
    for (const id of ['a', 'b', 'c']) outbox.add(sized(id, 10));
    await wasTried(1);
    expect(outbox.reading()).toMatchObject({ waiting: 30, writtenTraces: 0, state: 'well' });
    expect(store.tried).toEqual(['a']);
    gate.resolve();
    await isWritten('a', 'b', 'c');
    await vi.waitFor(() => expect(outbox.reading().waiting).toBe(0));
    expect(outbox.reading()).toMatchObject({ writtenTraces: 30, failedWrites: 0, state: 'well' });
  });

  it('are tried again under the same id until they are written', async () => {
    store.fail();
    outbox.add(sized('a'));
    await wasTried(1);
    await vi.waitFor(() => expect(outbox.reading()).toMatchObject({ state: 'behind', failedWrites: 1, waiting: 1 }));
    await passing(() => expect(store.tried.length).toBeGreaterThan(3), 10);
    store.mend();
    await passing(() => expect(written()).toEqual(['a']));
    expect(new Set(store.tried)).toEqual(new Set(['a']));
    await vi.waitFor(() => expect(outbox.reading()).toMatchObject({ state: 'well', waiting: 0, writtenTraces: 1 }));
    expect(losses.traces).toBe(0);
  });

  it('tell the log of a trouble once a minute', async () => {
    store.fail();
    outbox.add(sized('a'));
    await passing(() => expect(store.tried.length).toBeGreaterThan(5), 10);
    expect(told.filter((message) => message.includes('cannot be written'))).toHaveLength(1);
  });

  it('are behind when the store is slow', async () => {
    const gate = Promise.withResolvers<void>();
    store.gate = gate.promise;
    outbox.add(sized('a'));
    await wasTried(1);
    clock.advance(behindAfterMs + 1);
    expect(outbox.reading().state).toBe('behind');
    gate.resolve();
    await isWritten('a');
  });
});

describe('batches that cannot wait in memory', () => {
  it('go to files after a while, and from there to the store', async () => {
    store.fail();
    outbox.add(sized('a', 10));
    await passing(() => {
      expect(outbox.reading()).toMatchObject({ state: 'spilling', waiting: 0 });
      // While it is being written it is in neither.
      expect(outbox.reading().spilledBytes).toBeGreaterThan(0);
    });
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(spillAfterMs);
    store.mend();
    await passing(() => expect(written()).toEqual(['a']), writeBackoff.capMs);
    await vi.waitFor(() => expect(outbox.reading()).toMatchObject({ state: 'well', spilledBytes: 0 }));
    expect(outbox.reading().writtenTraces).toBe(10);
    expect(await readdir(folder)).toEqual([]);
  });

  it('go to files at once when they are many, and none is lost', async () => {
    store.fail();
    const ids = Array.from({ length: 50 }, (_, index) => `b${index}`);
    for (const id of ids) {
      outbox.add(sized(id, 1_000));
      await vi.waitFor(() => expect(outbox.reading().waiting).toBeLessThanOrEqual(waitingTracesMax / 2));
    }
    expect(clock.monotonicMs()).toBe(0);
    expect(outbox.reading().state).toBe('spilling');
    store.mend();
    await passing(() => expect(written().toSorted()).toEqual(ids.toSorted()), writeBackoff.capMs);
    expect(losses.traces).toBe(0);
  });

  it('are written before long although new ones keep coming', async () => {
    store.fail();
    for (let index = 0; index < 12; index++) outbox.add(sized(`old${index}`, 1_000));
    await vi.waitFor(() => expect(outbox.reading().state).toBe('spilling'));
    store.mend();
    let count = 0;
    await passing(() => {
      for (let index = 0; index < 3; index++) outbox.add(sized(`new${count++}`));
      expect(written().filter((id) => id.startsWith('old'))).toHaveLength(12);
    });
    await passing(() => expect(written()).toHaveLength(12 + count));
  });

  it('outlive the process', async () => {
    store.fail();
    for (const id of ['a', 'b']) outbox.add(sized(id));
    await passing(() => expect(outbox.reading().waiting).toBe(0));
    const killed = outbox;
    outbox = await start();
    store.mend();
    await passing(() => expect(written().toSorted()).toEqual(['a', 'b']), writeBackoff.capMs);
    await killed.stop(drainMs);
  });

  it('are lost, the oldest first, only where there is no room on disk either, and requests go on', async () => {
    store.fail();
    bytesMax = 0;
    for (let index = 0; index < 22; index++) outbox.add(sized(`b${index}`, 1_000));
    await passing(() => expect(outbox.reading().state).toBe('losing'));
    expect(losses.traces).toBeGreaterThan(0);
    expect(outbox.reading().waiting).toBeLessThanOrEqual(waitingTracesMax + 1_000);
    store.mend();
    await passing(() => expect(outbox.reading().waiting).toBe(0), writeBackoff.capMs);
    expect(written()).toContain('b21');
    expect(written().length * 1_000 + losses.traces).toBe(22_000);
    clock.advance(lossLogPeriodMs);
    expect(outbox.reading().state).toBe('well');
    expect(told.filter((message) => message.includes('are lost'))).toHaveLength(1);
  });

  it('are counted by their bytes as well', async () => {
    store.fail();
    bytesMax = 0;
    for (let index = 0; index < 5; index++) outbox.add(sized(`b${index}`, 1, waitingBytesMax / 4));
    await passing(() => expect(losses.traces).toBeGreaterThan(0));
    expect(outbox.reading().waiting + losses.traces).toBe(5);
  });

  it('are spilled once the disk takes them again', async () => {
    store.fail();
    await writeFile(folder, 'a file where the folder should be');
    outbox.add(sized('a'));
    await passing(() => expect(told.some((message) => message.includes('wait in files no more'))).toBe(true));
    expect(outbox.reading()).toMatchObject({ state: 'behind', waiting: 1 });
    await rm(folder);
    await passing(() => expect(outbox.reading().state).toBe('spilling'), spillRetryMs);
    expect(losses.traces).toBe(0);
  });
});

describe('a batch that the store never takes', () => {
  it('is put aside when the store says so', async () => {
    store.refusal = ({ id }) => (id === 'bad' ? refused() : undefined);
    for (const id of ['a', 'bad', 'b']) outbox.add(sized(id));
    await passing(() => expect(written()).toEqual(['a', 'b']));
    expect(losses.traces).toBe(1);
    expect(await readdir(folder)).toEqual(['00000001.refused']);
  });

  it('is put aside when others are written and it never is, from memory and from a file', async () => {
    store.refusal = ({ id }) => (id === 'bad' ? new Error('invalid byte sequence') : undefined);
    outbox.add(sized('bad'));
    let count = 0;
    await passing(() => {
      outbox.add(sized(`b${count++}`));
      expect(losses.traces).toBe(1);
    }, 400);
    expect(store.tried.filter((id) => id === 'bad').length).toBeGreaterThanOrEqual(refusalsMax);
    await passing(() => expect(written()).toHaveLength(count));
  });

  it('is not given up while no other is written either', async () => {
    store.refusal = () => new Error('disk I/O error');
    outbox.add(sized('a'));
    await passing(() => expect(store.tried.length).toBeGreaterThan(2 * refusalsMax), writeBackoff.capMs);
    store.mend();
    await passing(() => expect(written()).toEqual(['a']), writeBackoff.capMs);
    expect(losses.traces).toBe(0);
  });
});

describe('the stop', () => {
  it('writes what waits', async () => {
    for (const id of ['a', 'b', 'c']) outbox.add(sized(id));
    await outbox.stop(drainMs);
    expect(written()).toEqual(['a', 'b', 'c']);
    expect(clock.pendingCount).toBe(0);
  });

  it('spills what the store does not take, at once where it fails', async () => {
    store.fail();
    for (const id of ['a', 'b']) outbox.add(sized(id));
    await outbox.stop(drainMs);
    expect(clock.monotonicMs()).toBe(0);
    expect(clock.pendingCount).toBe(0);
    store.mend();
    outbox = await start();
    await vi.waitFor(() => expect(written().toSorted()).toEqual(['a', 'b']));
  });

  it('spills what a store that hangs holds, and what waits behind it', async () => {
    const gate = Promise.withResolvers<void>();
    store.gate = gate.promise;
    for (const id of ['a', 'b']) outbox.add(sized(id));
    const stopped = outbox.stop(drainMs);
    clock.advance(drainMs);
    await stopped;
    gate.resolve();
    store.gate = Promise.resolve();
    outbox = await start();
    await vi.waitFor(() => expect(written().toSorted()).toEqual(['a', 'b']));
    expect(store.batches.size).toBe(2);
    expect(losses.traces).toBe(0);
  });

  it('loses what no disk takes, and says so', async () => {
    store.fail();
    bytesMax = 0;
    outbox.add(sized('a', 7));
    await outbox.stop(drainMs);
    expect(losses.traces).toBe(7);
    expect(told.some((message) => message.includes('are lost'))).toBe(true);
  });
});

it('begins without a folder that it may read', async () => {
  await mkdir(folder, { mode: 0o000 });
  await chmod(folder, 0o000);
  const other = await start();
  other.add(sized('a'));
  await isWritten('a');
  await other.stop(0);
  await chmod(folder, 0o700);
});
