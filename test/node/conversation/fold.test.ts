import { describe, expect, it } from 'vitest';
import type { Answer, StreamEvent } from '../../../node/conversation/contract.ts';
import { fold } from '../../../node/conversation/fold.ts';
import { orderBreach } from '../../../node/conversation/order-check.ts';
import { unfold } from '../../../node/conversation/unfold.ts';
import { protocolFaults } from '../../../node/protocols/faults.ts';

const answer: Answer = {
  id: 'msg_1',
  model: 'm',
  parts: [
    { type: 'thinking', text: '', signature: 'hidden' },
    { type: 'thinking', text: 'hm', signature: 'sig' },
    { type: 'redacted_thinking', data: 'xx' },
    { type: 'text', text: 'hello' },
    { type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{"n":12345678901234567890}' },
    { type: 'tool_call', id: 'b', name: 'g', argumentsJson: '{}', signature: 's' },
    { type: 'image', mediaType: 'image/png', data: 'AAAA' },
  ],
  finish: 'stop_sequence',
  stopSequence: 'END',
  usage: { inputTotal: 10, cacheRead: 4, outputTotal: 7 },
};

describe('fold and unfold', () => {
  it('are each other’s inverse and keep the order of events', () => {
    const events = unfold(answer);
    expect(orderBreach(events)).toBeUndefined();
    expect(fold(events)).toEqual(answer);
  });

  it('joins deltas, keeps later counts and fills empty arguments', () => {
    const events: StreamEvent[] = [
      { type: 'start', id: 'i', model: 'm', usage: { inputTotal: 5, outputTotal: 1 } },
      { type: 'text', text: 'a' },
      { type: 'text', text: '' },
      { type: 'text', text: 'b' },
      { type: 'tool_start', id: 't', name: 'f' },
      { type: 'tool_end' },
      { type: 'usage', usage: { outputTotal: 9 } },
      { type: 'finish', reason: 'tool_calls' },
    ];
    expect(fold(events)).toEqual({
      id: 'i',
      model: 'm',
      parts: [
        { type: 'text', text: 'ab' },
        { type: 'tool_call', id: 't', name: 'f', argumentsJson: '{}' },
      ],
      finish: 'tool_calls',
      usage: { inputTotal: 5, outputTotal: 9 },
    });
  });

  it('throws the fault of a fault event', () => {
    const fault = protocolFaults.upstream_truncated('cut');
    expect(() =>
      fold([
        { type: 'start', id: 'i', model: 'm' },
        { type: 'fault', fault },
      ]),
    ).toThrow(fault);
  });
});
