/** A conversation on its way to OCI, and streams as its backends send them. */
import type { JsonObject } from '../../../../../kit/json.ts';
import { seededRandom } from '../../../../../kit/random.ts';
import type { Answer, Conversation, StreamEvent } from '../../../../../node/conversation/contract.ts';
import { fold } from '../../../../../node/conversation/fold.ts';
import { orderBreach } from '../../../../../node/conversation/order-check.ts';
import {
  encodeOciChat,
  type EncodedOciChat,
  type OciChatTarget,
} from '../../../../../node/providers/oci/chat/index.ts';

export function conversationOf(fields: Partial<Conversation> = {}): Conversation {
  return {
    model: 'xai.grok-4',
    system: [],
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Depth of Lake Bled?' }] }],
    tools: [],
    stop: [],
    stream: false,
    dropped: [],
    ...fields,
  };
}

export function targetOf(model: string, fields: Partial<OciChatTarget> = {}): OciChatTarget {
  return {
    compartmentId: 'ocid1.compartment.oc1..example',
    servingMode: { servingType: 'ON_DEMAND', modelId: model },
    model,
    defaultMaxTokens: 2048,
    random: seededRandom(7),
    ...fields,
  };
}

export function encoded(
  model: string,
  fields: Partial<Conversation> = {},
  target: Partial<OciChatTarget> = {},
): EncodedOciChat {
  return encodeOciChat(conversationOf({ model, ...fields }), targetOf(model, target));
}

/** The part of the body that differs between requests. */
export function chatRequest(
  model: string,
  fields: Partial<Conversation> = {},
  target: Partial<OciChatTarget> = {},
): JsonObject {
  return encoded(model, fields, target).body['chatRequest'] as JsonObject;
}

export const lakeTool = {
  name: 'lake_info',
  description: 'Look a lake up',
  schema: { type: 'object', properties: { lake: { type: 'string', description: 'name' } }, required: ['lake'] },
};

/** A question, calls in answer to it, and their results. */
export function calledConversation(...lakes: string[]): Conversation['messages'] {
  return [
    { role: 'user', parts: [{ type: 'text', text: 'Depth of the lakes?' }] },
    {
      role: 'assistant',
      parts: lakes.map((lake, index) => ({
        type: 'tool_call',
        id: `call_${index}`,
        name: 'lake_info',
        argumentsJson: JSON.stringify({ lake }),
      })),
    },
    {
      role: 'user',
      parts: lakes.map((lake, index) => ({
        type: 'tool_result',
        callId: `call_${index}`,
        content: [{ type: 'text', text: `${lake}: 30 m` }],
      })),
    },
  ];
}

export function sse(...events: (JsonObject | string)[]): string {
  return events.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join('');
}

/** Events of a stream, its bytes cut where `cuts` say; fails when their order breaks the contract. */
export function decode(from: EncodedOciChat, stream: string, cuts: readonly number[] = []): StreamEvent[] {
  const decoder = from.reader.openDecoder();
  const events: StreamEvent[] = [];
  const bytes = Buffer.from(stream);
  let start = 0;
  for (const cut of [...cuts].toSorted((a, b) => a - b)) {
    const end = Math.max(start, Math.min(cut, bytes.length));
    decoder.push(bytes.subarray(start, end), events);
    start = end;
  }
  decoder.push(bytes.subarray(start), events);
  decoder.end(events);
  const breach = orderBreach(events);
  if (breach !== undefined) throw new Error(breach);
  return events;
}

export function streamed(from: EncodedOciChat, ...events: (JsonObject | string)[]): Answer {
  return fold(decode(from, sse(...events)));
}

export function whole(from: EncodedOciChat, body: JsonObject): Answer {
  return from.reader.decodeAnswer(Buffer.from(JSON.stringify(body)));
}
