/** Chunk streams as upstreams send them, and what a decoder makes of them. */
import type { JsonObject } from '../../../../kit/json.ts';
import { seededRandom } from '../../../../kit/random.ts';
import type { StreamEvent } from '../../../../node/conversation/contract.ts';
import { orderBreach } from '../../../../node/conversation/order-check.ts';
import { openaiChatDialectWith } from '../../../../node/protocols/openai-chat/index.ts';

export function chunk(delta: JsonObject, finish: string | null = null, more: JsonObject = {}): JsonObject {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  };
}

export function call(fields: JsonObject): JsonObject {
  return chunk({ tool_calls: [fields] });
}

export function sse(...chunks: (JsonObject | string)[]): string {
  return chunks.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join('');
}

/** All events of a stream that ends cleanly; fails when they come in an order that the contract forbids. */
export function decode(stream: string): StreamEvent[] {
  const decoder = openaiChatDialectWith(seededRandom(7)).openDecoder();
  const events: StreamEvent[] = [];
  decoder.push(Buffer.from(stream), events);
  decoder.end(events);
  const breach = orderBreach(events);
  if (breach !== undefined) throw new Error(breach);
  return events;
}
