import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import { seededRandom } from '../../../../kit/random.ts';
import type { Answer, StreamEvent } from '../../../../node/conversation/contract.ts';
import { fold } from '../../../../node/conversation/fold.ts';
import { orderBreach } from '../../../../node/conversation/order-check.ts';
import { unfold } from '../../../../node/conversation/unfold.ts';
import type { AnswerContext } from '../../../../node/protocols/contract.ts';
import { openaiChatDialectWith, openaiChatProtocol } from '../../../../node/protocols/openai-chat/index.ts';
import { answer, conversation } from './arbitraries.ts';

const dialect = openaiChatDialectWith(seededRandom(1));
const context: AnswerContext = {
  model: 'm',
  requestId: 'r1',
  framing: 'sse',
  includeUsage: true,
  nowMs: 1_700_000_000_000,
};

function encode(answer: Answer): Buffer {
  const encoder = openaiChatProtocol.openEncoder(context);
  const chunks = unfold(answer).map((event) => encoder.push(event));
  return Buffer.from(chunks.join('') + encoder.end());
}

/** Decodes bytes cut at these places (each taken modulo the rest). */
function decode(bytes: Buffer, cuts: number[]): StreamEvent[] {
  const decoder = dialect.openDecoder();
  const events: StreamEvent[] = [];
  let from = 0;
  for (const cut of cuts) {
    const to = Math.min(bytes.length, from + cut);
    decoder.push(bytes.subarray(from, to), events);
    from = to;
  }
  decoder.push(bytes.subarray(from), events);
  decoder.end(events);
  return events;
}

describe('the dialect and its own upstream side', () => {
  it('streams any answer through bytes that are cut anywhere', () => {
    fc.assert(
      fc.property(answer, fc.array(fc.integer({ min: 1, max: 200 })), (answer, cuts) => {
        const events = decode(encode(answer), cuts);
        expect(orderBreach(events)).toBeUndefined();
        expect(fold(events)).toEqual(answer);
      }),
    );
  });

  it('carries any complete answer', () => {
    fc.assert(
      fc.property(answer, (answer) => {
        const body = JSON.parse(JSON.stringify(openaiChatProtocol.encodeAnswer(answer, context))) as JsonObject;
        expect(dialect.decodeAnswer(body)).toEqual(answer);
      }),
    );
  });

  it('carries any conversation that the format can hold', () => {
    fc.assert(
      fc.property(conversation, (conversation) => {
        const { body, dropped } = dialect.encodeRequest(conversation, { defaultMaxTokens: 4000, promptCacheKey: true });
        const sent = JSON.parse(JSON.stringify(body)) as JsonObject;
        const hints = { model: conversation.model, stream: conversation.stream };
        expect(openaiChatProtocol.decodeRequest(sent, hints)).toEqual(conversation);
        expect(dropped).toEqual([]);
      }),
    );
  });
});
