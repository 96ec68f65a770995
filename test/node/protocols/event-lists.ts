import * as fc from 'fast-check';
import type { StreamEvent } from '../../../node/conversation/contract.ts';

/** Texts with the characters that break translators: quotes, line ends, emoji, halves of them, JSON look-alikes. */
const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('data: [DONE]\n\n', '"error"', '😀', '\u2028', '{"finishReason":"STOP"}', 'a\r\nb'),
);

const call = fc
  .tuple(
    fc.constantFrom('lake_info', 'apply_patch', 'shell'),
    fc.jsonValue({ maxDepth: 2 }),
    fc.nat({ max: 5 }),
    fc.boolean(),
  )
  .map(([name, value, cut, isSigned]): StreamEvent[] => {
    const json = JSON.stringify({ value });
    const start: StreamEvent = { type: 'tool_start', id: '', name, ...(isSigned ? { signature: 'sig+/nature' } : {}) };
    return [
      start,
      { type: 'tool_arguments', json: json.slice(0, cut) },
      { type: 'tool_arguments', json: json.slice(cut) },
      { type: 'tool_end' },
    ];
  });

const piece = fc.oneof(
  { weight: 4, arbitrary: text.map((text): StreamEvent[] => [{ type: 'text', text }]) },
  { weight: 2, arbitrary: text.map((text): StreamEvent[] => [{ type: 'thinking', text }]) },
  { weight: 1, arbitrary: fc.constant<StreamEvent[]>([{ type: 'thinking_signature', signature: 'c2lnbmVk' }]) },
  { weight: 1, arbitrary: fc.constant<StreamEvent[]>([{ type: 'redacted_thinking', data: 'aGlkZGVu' }]) },
  { weight: 1, arbitrary: fc.constant<StreamEvent[]>([{ type: 'image', mediaType: 'image/png', data: 'iVBORw==' }]) },
  { weight: 3, arbitrary: call },
);

const usage: StreamEvent = {
  type: 'usage',
  usage: { inputTotal: 100, cacheRead: 80, outputTotal: 50, reasoning: 20 },
};

/** Whole answers as events in the order that decoders guarantee, with unique call ids. */
export const eventLists = fc
  .tuple(fc.array(piece, { maxLength: 8 }), fc.constantFrom('stop', 'length', 'refusal', 'tool_calls', 'pause'))
  .map(([pieces, reason]): StreamEvent[] => {
    let calls = 0;
    const events: StreamEvent[] = [{ type: 'start', id: 'msg_1', model: 'upstream-model' }];
    for (const event of pieces.flat()) {
      events.push(event.type === 'tool_start' ? { ...event, id: `call_${calls++}` } : event);
    }
    events.push({ type: 'finish', reason }, usage);
    return events;
  });
