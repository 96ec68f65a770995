import { describe, expect, it } from 'vitest';
import type { Usage } from '../../../../node/conversation/contract.ts';
import { decode, event, frame, reader, reading, reasoning, text, tool } from './frames.ts';

const words = 'The notice gives a pressure of 2.4 bar, front and rear.';
const window = (contextUsagePercentage: number) => event('contextUsageEvent', { contextUsagePercentage });
const counted = (tokenUsage: Record<string, number>) => event('metadataEvent', { tokenUsage });

/** The last usage, and whether it came right before the finish. */
function usageOf(...frames: Buffer[]): Usage {
  const events = decode(frames);
  const last = events.at(-2);
  if (last?.type !== 'usage' || events.at(-1)?.type !== 'finish') throw new Error('no usage before the finish');
  return last.usage;
}

describe('usage', () => {
  it('is what the service counted, where it says it', () => {
    const tokens = {
      uncachedInputTokens: 6120,
      outputTokens: 214,
      totalTokens: 6434,
      cacheReadInputTokens: 80,
      cacheWriteInputTokens: 20,
    };
    expect(usageOf(text(words), counted(tokens), window(50))).toEqual({
      inputTotal: 6220,
      cacheRead: 80,
      cacheWrite: 20,
      outputTotal: 214,
      estimated: false,
    });
    expect(usageOf(text(words), counted({ uncachedInputTokens: 6120, outputTokens: 214 }))).toEqual({
      inputTotal: 6120,
      outputTotal: 214,
      estimated: false,
    });
  });

  it('replaces the early estimate in a whole answer', () => {
    const body = Buffer.concat([text(words), counted({ uncachedInputTokens: 7, outputTokens: 3 })]);
    expect(reader.decodeAnswer(body, reading, 'msg_1').usage).toEqual({
      inputTotal: 7,
      outputTotal: 3,
      estimated: false,
    });
  });

  it('is else the share of the window, less an estimate of the output', () => {
    const usage = usageOf(text(words), window(3.4725));
    expect(usage.estimated).toBe(true);
    expect(Number(usage.inputTotal) + Number(usage.outputTotal)).toBe(6945);
    expect(usage.outputTotal).toBeGreaterThan(10);
    expect(usage.outputTotal).toBeLessThan(25);
  });

  it('takes the share of the window from the token usage as well', () => {
    const metadata = event('metadataEvent', { tokenUsage: { contextUsagePercentage: 10, outputTokens: 1 } });
    const usage = usageOf(text(words), metadata);
    expect(Number(usage.inputTotal) + Number(usage.outputTotal)).toBe(20_000);
  });

  it('is else an estimate over request and answer', () => {
    expect(usageOf(text(words))).toMatchObject({ inputTotal: 120, estimated: true });
    expect(usageOf(text(words), window(0))).toMatchObject({ inputTotal: 120, estimated: true });
  });

  it('counts text, thinking and tool input as output', () => {
    const output = (...frames: Buffer[]) => Number(usageOf(...frames).outputTotal);
    const alone = output(text(words));
    expect(output(reasoning({ text: words }), text(words))).toBeGreaterThan(alone * 1.8);
    expect(
      output(text(words), tool({ name: 'f', toolUseId: 'a', input: `{"a":"${words}"}`, stop: true })),
    ).toBeGreaterThan(alone * 1.8);
    expect(output(text(words), tool({ name: 'f', toolUseId: 'a', input: { a: words }, stop: true }))).toBeGreaterThan(
      alone * 1.8,
    );
  });

  it('does not believe counts that are none', () => {
    const odd = { uncachedInputTokens: -1, outputTokens: 1.5 };
    expect(usageOf(text(words), counted(odd), window(-5))).toMatchObject({ inputTotal: 120, estimated: true });
    const shares = event('contextUsageEvent', { contextUsagePercentage: '50' });
    expect(usageOf(text(words), shares)).toMatchObject({ inputTotal: 120 });
    expect(usageOf(text(words), window(1e300))).toMatchObject({ estimated: true });
    expect(usageOf(text(words), window(1e300)).inputTotal).toBeLessThanOrEqual(200_000);
  });

  it('takes no credits for tokens', () => {
    const metering = frame(
      { ':event-type': 'meteringEvent', ':message-type': 'event' },
      { usage: 9999, unit: 'credit' },
    );
    expect(usageOf(text(words), metering)).toEqual(usageOf(text(words)));
  });
});
