import { beforeEach, describe, expect, it } from 'vitest';
import { AesSealer } from '../../../cluster/secret/aes-sealer.ts';
import { decodeTrace, parseRows } from '../../../node/store/trace-row.ts';
import type { SizedBatch } from '../../../node/usage/batch-builder.ts';
import {
  batchTracesMax,
  flushDelayMs,
  recordedPromptsBytesMax,
  recordedTracesMax,
  sliceTracesMax,
} from '../../../node/usage/limits.ts';
import { TraceRecorder } from '../../../node/usage/recorder.ts';
import { openPrompt } from '../../../node/usage/sealed-prompt.ts';
import { ManualClock } from '../../manual-clock.ts';
import { aTrace } from './a-trace.ts';

const sealer = new AesSealer(new Uint8Array(32));

let clock: ManualClock;
let batches: SizedBatch[];
let lost: { traces: number; prompts: number };
let recorder: TraceRecorder;

beforeEach(() => {
  clock = new ManualClock();
  batches = [];
  lost = { traces: 0, prompts: 0 };
  recorder = new TraceRecorder({
    clock,
    sealer,
    node: 'n1',
    startMark: 'mark',
    onBatch: (batch) => batches.push(batch),
    onLost(traces, prompts) {
      lost.traces += traces;
      lost.prompts += prompts;
    },
  });
});

function record(count: number): void {
  for (let index = 0; index < count; index++) recorder.record(aTrace());
}

function prompt(requestId: string, bytes = 10) {
  const answer = new TextEncoder().encode('hé');
  return { requestId, key: 'key_1', keepMs: 5_000, prompt: new Uint8Array(bytes).fill(0x61), answer };
}

describe('what is recorded', () => {
  it('is one batch, a row for each key, 100 ms after the first of it', () => {
    const first = aTrace({ key: 'a', startedAtMs: 2_000 });
    const second = aTrace({ key: 'a', startedAtMs: 1_000 });
    recorder.record(first);
    clock.advance(50);
    recorder.record(second);
    recorder.record(aTrace({ key: 'b' }));
    clock.advance(flushDelayMs - 51);
    expect(batches).toEqual([]);
    expect(recorder.waiting).toBe(3);
    clock.advance(1);
    expect(recorder.waiting).toBe(0);
    expect(batches).toHaveLength(1);
    const [{ batch, traces } = expect.fail()] = batches;
    expect({ traces, id: batch.id, node: batch.node }).toEqual({ traces: 3, id: 'n1/mark/1', node: 'n1' });
    const [group] = batch.groups;
    expect(batch.groups.map(({ key, count }) => [key, count])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    expect(group).toMatchObject({ fromMs: 1_000, toMs: 2_000 });
    const read = parseRows(group?.rows ?? '').map((row) => decodeTrace(row, 'a', 'n1'));
    expect(read).toEqual([
      { ...first, node: 'n1' },
      { ...second, node: 'n1' },
    ]);
    expect(batch.usage.reduce((sum, { requests }) => sum + requests, 0)).toBe(3);
  });

  it('gives every batch an id of its own, and no timer runs when there is nothing', () => {
    record(1);
    clock.advance(flushDelayMs);
    record(1);
    clock.advance(flushDelayMs);
    expect(batches.map(({ batch }) => batch.id)).toEqual(['n1/mark/1', 'n1/mark/2']);
    expect(clock.pendingCount).toBe(0);
  });

  it('is put together at once when it is much, in slices of a turn each', () => {
    record(batchTracesMax);
    const turns = Math.ceil(batchTracesMax / sliceTracesMax);
    expect(batches).toEqual([]);
    const sizes: number[] = [];
    while (recorder.waiting > 0) {
      const before = recorder.waiting;
      clock.runNext();
      sizes.push(before - recorder.waiting);
    }
    expect(sizes).toHaveLength(turns);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(sliceTracesMax);
    expect(batches.map(({ traces }) => traces)).toEqual([batchTracesMax]);
    expect(clock.nowMs()).toBe(new ManualClock().nowMs());
  });

  it('makes batches of at most 1,000', () => {
    record(2_500);
    clock.advance(flushDelayMs);
    expect(batches.map(({ traces }) => traces)).toEqual([1_000, 1_000, 500]);
  });

  it('counts what comes while a batch is put together into the next one', () => {
    record(batchTracesMax);
    clock.runNext();
    record(5);
    clock.advance(flushDelayMs);
    expect(batches.map(({ traces }) => traces)).toEqual([batchTracesMax, 5]);
    expect(clock.pendingCount).toBe(0);
  });

  it('is lost, and told, past the bound', () => {
    record(recordedTracesMax + 3);
    expect(lost).toEqual({ traces: 3, prompts: 0 });
    clock.advance(flushDelayMs);
    expect(batches.reduce((sum, { traces }) => sum + traces, 0)).toBe(recordedTracesMax);
  });

  it('is put together at the stop; what comes later is lost', () => {
    record(batchTracesMax + 1);
    clock.runNext();
    recorder.keepPrompt(prompt('r1'));
    recorder.stop();
    expect(batches.reduce((sum, { traces }) => sum + traces, 0)).toBe(batchTracesMax + 1);
    expect(batches.flatMap(({ batch }) => batch.prompts)).toHaveLength(1);
    record(1);
    recorder.keepPrompt(prompt('r2'));
    expect(lost).toEqual({ traces: 1, prompts: 1 });
    expect(clock.pendingCount).toBe(0);
  });
});

describe('a prompt that is kept', () => {
  it('is sealed for its request alone, until its age', () => {
    recorder.keepPrompt(prompt('r1', 3));
    clock.advance(flushDelayMs);
    const [kept] = batches[0]?.batch.prompts ?? [];
    expect(kept).toMatchObject({ requestId: 'r1', key: 'key_1', expiresAtMs: clock.nowMs() + 5_000 });
    const content = kept?.content ?? new Uint8Array();
    expect(Buffer.from(content).includes('aaa')).toBe(false);
    expect(openPrompt('r1', content, sealer)).toEqual({ prompt: 'aaa', answer: 'hé' });
    expect(openPrompt('r2', content, sealer)).toBeUndefined();
    expect(openPrompt('r1', content, new AesSealer(new Uint8Array(32).fill(1)))).toBeUndefined();
  });

  it('is dropped and told where too many wait', () => {
    const large = prompt('r1', recordedPromptsBytesMax / 2);
    for (let index = 0; index < 3; index++) recorder.keepPrompt(large);
    expect(lost).toEqual({ traces: 0, prompts: 2 });
    clock.advance(flushDelayMs);
    recorder.keepPrompt(large);
    clock.advance(flushDelayMs);
    expect(batches.flatMap(({ batch }) => batch.prompts)).toHaveLength(2);
    expect(lost.prompts).toBe(2);
  });

  it('makes batches of a few megabytes', () => {
    for (let index = 0; index < 15; index++) recorder.keepPrompt(prompt(`r${index}`, 1_000_000));
    clock.advance(flushDelayMs);
    expect(batches.flatMap(({ batch }) => batch.prompts)).toHaveLength(15);
    for (const { bytes } of batches) expect(bytes).toBeLessThan(6_000_000);
  });
});
