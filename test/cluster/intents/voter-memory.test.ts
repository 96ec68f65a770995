import { describe, expect, it } from 'vitest';
import type { StoredIntent } from '../../../cluster/intents/contract.ts';
import { VoterMemory } from '../../../cluster/intents/voter-memory.ts';
import { ManualClock } from '../../manual-clock.ts';

/** A memory, over a disk that keeps the newest of each key. */
function memoryOver(disk: Map<string, StoredIntent>): VoterMemory {
  return new VoterMemory({
    clock: new ManualClock(),
    doubtMs: 1000,
    kept: [...disk.values()],
    store: {
      save: (intents, done) => {
        for (const intent of intents) disk.set(intent.key, intent);
        done();
      },
    },
  });
}

describe('a voter', () => {
  it('is new until it learnt what the others know, also after a restart', () => {
    const disk = new Map<string, StoredIntent>();
    expect(memoryOver(disk).isNew).toBe(true);
    const memory = memoryOver(disk);
    memory.learnt(() => undefined);
    expect(memory.isNew).toBe(false);
    expect(memoryOver(disk).isNew).toBe(false);
  });

  it('is new again in another cluster, also after a restart, until it learnt what is known there', () => {
    const disk = new Map<string, StoredIntent>();
    const memory = memoryOver(disk);
    memory.learnt(() => undefined);
    memory.forgot();
    expect(memory.isNew).toBe(true);
    const again = memoryOver(disk);
    expect(again.isNew).toBe(true);
    again.learnt(() => undefined);
    expect(memoryOver(disk).isNew).toBe(false);
  });

  it('has not learnt of this cluster what was still being written of the one before', () => {
    const writes: (() => void)[] = [];
    const store = { save: (_intents: readonly StoredIntent[], done: () => void) => void writes.push(done) };
    const memory = new VoterMemory({ clock: new ManualClock(), doubtMs: 1000, kept: [], store });
    memory.learnt(() => undefined);
    memory.forgot();
    for (const done of writes) done();
    expect(memory.isNew).toBe(true);
  });
});
