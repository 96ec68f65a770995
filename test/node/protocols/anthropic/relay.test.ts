import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unfold } from '../../../../node/conversation/unfold.ts';
import { anthropicProtocol } from '../../../../node/protocols/anthropic/index.ts';
import type { RelayOptions, StreamRelay } from '../../../../node/protocols/contract.ts';
import { encodeSse } from '../../../../node/wire/sse.ts';
import { anyAnswer, cutAt, encodeAll } from './answers.ts';

const options: RelayOptions = { hideUsage: false, eventSizeBytesMax: 100_000 };

function feed(relay: StreamRelay, chunks: readonly Buffer[]): Buffer {
  return Buffer.concat(chunks.map((chunk) => relay.push(chunk)).filter((part) => part !== undefined));
}

const event = (type: string, members: Record<string, unknown> = {}) =>
  encodeSse(type, JSON.stringify({ type, ...members }));
const opening =
  event('message_start', {
    message: { id: 'msg_1', model: 'claude-x-20250929', usage: { input_tokens: 12, output_tokens: 1 } },
  }) +
  event('ping') +
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
const delta = event('content_block_delta', {
  index: 0,
  delta: { type: 'text_delta', text: 'say "message_stop" and "error" — ü' },
});
const closing =
  event('content_block_stop', { index: 0 }) +
  event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } }) +
  event('message_stop');
const recorded = Buffer.from(opening + delta + delta + closing);

describe('the Anthropic relay', () => {
  it('hands on the same bytes in whole events, cut anywhere', () => {
    fc.assert(
      fc.property(anyAnswer, fc.array(fc.nat(), { maxLength: 20 }), (answer, places) => {
        const bytes = Buffer.from(encodeAll(unfold(answer)));
        const relay = anthropicProtocol.openRelay(options);
        expect(feed(relay, cutAt(bytes, places))).toEqual(bytes);
        expect(relay.phase).toBe('finished');
        expect(relay.usage).toEqual(answer.usage);
      }),
    );
  });

  it('never finishes before message_stop is complete, wherever the upstream is cut', () => {
    for (let cut = 0; cut < recorded.length; cut++) {
      const relay = anthropicProtocol.openRelay(options);
      const out = feed(relay, [recorded.subarray(0, cut)]).toString() + (relay.end()?.toString() ?? '');
      expect(out === '' || out.endsWith('\n\n')).toBe(true);
      expect(recorded.toString().startsWith(out.trimEnd())).toBe(true);
      // An event that lacks its blank line alone is whole.
      if (cut < recorded.length - 2) expect(relay.phase).not.toBe('finished');
      else expect(relay.phase).toBe('finished');
    }
  });

  it('is opening until the first content, whatever comes before it', () => {
    const relay = anthropicProtocol.openRelay(options);
    relay.push(Buffer.from(opening));
    expect(relay.phase).toBe('opening');
    relay.push(Buffer.from(delta));
    expect(relay.phase).toBe('content');
    // What is counted of the output before there is any is no count of it.
    expect(relay.usage).toEqual({ inputTotal: 12 });
  });

  it.each([
    ['before content', opening],
    ['after content', opening + delta],
    ['in one chunk with content', opening + delta],
  ])('keeps an error event %s to itself', (when, before) => {
    const relay = anthropicProtocol.openRelay(options);
    const error =
      'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}\n\n';
    const chunks = when.startsWith('in one') ? [before + error + delta] : [before, error, delta];
    const out = feed(
      relay,
      chunks.map((chunk) => Buffer.from(chunk)),
    );
    expect(out.toString()).toBe(before);
    expect(relay.phase).toBe('failed');
    expect(relay.fault).toMatchObject({ code: 'upstream_overloaded', scope: 'model', penalty: 'none' });
  });

  it('drops what comes after the end', () => {
    const relay = anthropicProtocol.openRelay(options);
    expect(feed(relay, [Buffer.concat([recorded, Buffer.from(delta)]), Buffer.from(delta)])).toEqual(recorded);
  });

  it('shows the name that the client asked for', () => {
    const relay = anthropicProtocol.openRelay({ ...options, renameModel: { from: 'claude-x', to: 'my "alias"' } });
    const out = feed(relay, [recorded]).toString();
    expect(out).toBe(recorded.toString().replace('"claude-x-20250929"', JSON.stringify('my "alias"')));
  });

  it('fails by itself when one event is too large', () => {
    const relay = anthropicProtocol.openRelay({ ...options, eventSizeBytesMax: 1000 });
    relay.push(Buffer.from(opening));
    expect(relay.push(Buffer.from(`event: content_block_delta\ndata: {"x":"${'x'.repeat(2000)}`))).toBeUndefined();
    expect(relay.phase).toBe('failed');
    expect(relay.fault?.code).toBe('upstream_event_too_large');
  });

  it('reads upstreams that write CRLF and spaces behind colons', () => {
    const relay = anthropicProtocol.openRelay(options);
    const bytes = Buffer.from(recorded.toString().replaceAll('\n', '\r\n').replaceAll('":', '": '));
    const out = feed(relay, cutAt(bytes, [10, 100, 101, 102, 500]));
    expect(out).toEqual(bytes);
    expect(relay.phase).toBe('finished');
    expect(relay.usage).toEqual({ inputTotal: 12, outputTotal: 5 });
  });
});
