import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RelayOptions, StreamRelay } from '../../../../node/protocols/contract.ts';
import { openaiChatProtocol } from '../../../../node/protocols/openai-chat/index.ts';
import { call, chunk, sse } from './chunks.ts';

const usage = { prompt_tokens: 12, completion_tokens: 4, total_tokens: 16 };
const usageChunk = { ...chunk({}), choices: [], usage };
const events = [
  sse(chunk({ role: 'assistant', content: '' }, null, { usage: null })),
  ': a comment\n\n',
  sse(chunk({ content: 'Grüße, [DONE] "error"' }, null, { usage: null })),
  sse(call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"model":"m"}' } })),
  sse(chunk({}, 'tool_calls', { usage: null })),
  sse(usageChunk),
  sse('[DONE]'),
];
const recorded = Buffer.from(events.join(''));

function open(options: Partial<RelayOptions> = {}): StreamRelay {
  return openaiChatProtocol.openRelay({ hideUsage: false, eventSizeBytesMax: 1 << 20, ...options });
}

function relay(stream: Buffer | string, options: Partial<RelayOptions> = {}) {
  const relay = open(options);
  const first = relay.push(Buffer.from(stream))?.toString() ?? '';
  return { relay, text: first + (relay.end()?.toString() ?? '') };
}

describe('the relay', () => {
  it('hands on every byte of a recorded stream, with its usage', () => {
    const { relay: relayed, text } = relay(recorded);
    expect(text).toBe(recorded.toString());
    expect(relayed.phase).toBe('finished');
    expect(relayed.usage).toEqual({ inputTotal: 12, outputTotal: 4 });
  });

  it('hands on whole events only and never finishes early, wherever the stream is cut', () => {
    const ends = new Set<number>();
    let end = 0;
    for (const event of events) ends.add((end += Buffer.byteLength(event)));
    for (let cut = 0; cut < recorded.length; cut++) {
      const relay = open();
      const sent = relay.push(recorded.subarray(0, cut))?.length ?? 0;
      expect(sent === 0 || ends.has(sent)).toBe(true);
      expect(relay.phase).not.toBe('finished');
      expect(relay.phase).not.toBe('failed');
    }
  });

  it('gives the same bytes however the stream comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 })), fc.boolean(), (cuts, hideUsage) => {
        const relay = open({ hideUsage });
        const pieces: Buffer[] = [];
        let from = 0;
        for (const cut of [...cuts, recorded.length]) {
          pieces.push(relay.push(recorded.subarray(from, from + cut)) ?? Buffer.alloc(0));
          from += cut;
        }
        const expected = hideUsage ? events.filter((event) => !event.includes('"choices":[]')) : events;
        expect(Buffer.concat(pieces).toString()).toBe(expected.join(''));
        expect(relay.usage).toEqual({ inputTotal: 12, outputTotal: 4 });
      }),
    );
  });

  it('hides the usage chunk that the client did not ask for, and counts it (cline/cline#8384)', () => {
    const { relay: relayed, text } = relay(recorded, { hideUsage: true });
    expect(text).not.toContain('"choices":[]');
    expect(text).toContain('[DONE]');
    expect(relayed.usage).toEqual({ inputTotal: 12, outputTotal: 4 });
  });

  it('keeps a chunk that has usage beside a choice', () => {
    const stream = sse(chunk({ content: 'a' }), chunk({}, 'stop', { usage }), '[DONE]');
    expect(relay(stream, { hideUsage: true }).text).toBe(stream);
  });

  it.each([
    ['the role alone', { role: 'assistant', content: '' }, 'opening'],
    ['content', { content: 'a' }, 'content'],
    ['a call', { tool_calls: [{ index: 0 }] }, 'content'],
    ['reasoning', { reasoning_content: 'a' }, 'content'],
    ['reasoning under its other name', { reasoning: 'a' }, 'content'],
    ['a refusal', { refusal: 'a' }, 'content'],
  ])('is past its opening after %s or not', (_, delta, phase) => {
    const relay = open();
    relay.push(Buffer.from(sse(chunk(delta))));
    expect(relay.phase).toBe(phase);
  });

  it('is past its opening after a finish reason', () => {
    const relay = open();
    relay.push(Buffer.from(sse(chunk({}, 'stop'))));
    expect(relay.phase).toBe('content');
  });

  it('adds [DONE] where a stream ends cleanly after its finish reason, once', () => {
    const stream = sse(chunk({ content: 'a' }), chunk({}, 'stop'));
    const { relay: relayed, text } = relay(stream);
    expect(text).toBe(`${stream}data: [DONE]\n\n`);
    expect(relayed.phase).toBe('finished');
    expect(relayed.end()).toBeUndefined();
  });

  it.each([
    ['compact', JSON.stringify(chunk({}, 'stop')), true],
    ['with spaces', JSON.stringify(chunk({}, 'stop')).replaceAll('":', '": '), true],
    ['that is empty', JSON.stringify(chunk({}, '')), false],
    ['inside text', JSON.stringify(chunk({ content: '"finish_reason":"stop"' })), false],
  ])('looks back for a finish reason %s when its chunk came alone', (_, finish, isComplete) => {
    const relay = open({ hideUsage: true });
    for (const event of [chunk({ content: 'a' }), finish, usageChunk]) relay.push(Buffer.from(sse(event)));
    relay.push(Buffer.from(': bye\n\n'));
    expect(relay.end()?.toString()).toBe(isComplete ? 'data: [DONE]\n\n' : undefined);
    expect(relay.phase).toBe(isComplete ? 'finished' : 'content');
  });

  it('adds nothing after [DONE] without its blank line', () => {
    const stream = `${sse(chunk({ content: 'a' }), chunk({}, 'stop'))}data: [DONE]`;
    expect(relay(stream).text).toBe(`${stream}\n\n`);
  });

  it('reads a finish reason with a space, as Python writes it', () => {
    const finish = JSON.stringify(chunk({}, 'stop')).replace('"finish_reason":', '"finish_reason": ');
    const { relay: relayed } = relay(sse(chunk({ content: 'a' })) + sse(finish));
    expect(relayed.phase).toBe('finished');
  });

  it('is not finished where a stream ends without a finish reason', () => {
    const stream = sse(chunk({ content: 'a' }));
    const { relay: relayed, text } = relay(stream);
    expect(text).toBe(stream);
    expect(relayed.phase).toBe('content');
  });

  it('keeps an error object back and tells it as a fault, before and after content', () => {
    const error = sse({ error: { message: 'Rate limit reached', type: 'rate_limit_exceeded', code: 429 } });
    for (const before of ['', sse(chunk({ content: 'a' }))]) {
      const { relay: relayed, text } = relay(before + error);
      expect(text).toBe(before);
      expect(relayed.phase).toBe('failed');
      expect(relayed.fault?.code).toBe('upstream_rate_limited');
    }
  });

  it('shows the name that the client asked for in every chunk, whatever the upstream calls its model', () => {
    const { text } = relay(recorded, { renameModel: { from: 'other', to: 'a "quoted" name' } });
    const chunks = text.split('\n').filter((line) => line.startsWith('data: {'));
    for (const line of chunks) expect(JSON.parse(line.slice(6))).toMatchObject({ model: 'a "quoted" name' });
    expect(text).toContain('\\"model\\":\\"m\\"');
  });

  it('fails at an event beyond the bound and never throws', () => {
    const { relay: relayed, text } = relay(sse(chunk({ content: 'a'.repeat(2000) })).slice(0, -1), {
      eventSizeBytesMax: 1000,
    });
    expect(text).toBe('');
    expect(relayed.fault?.code).toBe('upstream_event_too_large');
  });
});
