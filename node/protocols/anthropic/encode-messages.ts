import type { JsonObject } from '../../../kit/json.ts';
import { pushAll } from '../../../kit/push-all.ts';
import { argumentsObject } from '../../conversation/arguments.ts';
import type { Message, Part, TextPart, ToolResultPart } from '../../conversation/contract.ts';
import { pairToolResults } from '../../conversation/pair-tool-results.ts';
import { ownSignature, signatureMark } from '../../conversation/signature.ts';
import { protocolFaults } from '../faults.ts';
import { documentBlock, imageBlock } from './encode-media.ts';
import { CallIds } from './call-ids.ts';

/** Stands in where a conversation does not begin with its user, which Anthropic demands. */
const openingText = '(The conversation continues.)';

/** The middle form's messages as Anthropic's: results before text, no empty blocks, thinking only with its own signature. */
export function encodeMessages(messages: readonly Message[]): JsonObject[] {
  const ids = new CallIds();
  const encoded: { role: string; content: JsonObject[] }[] = [];
  for (const message of pairToolResults(messages.map(systemAsUser))) {
    const content = message.parts.flatMap((part) => encodePart(part, ids));
    const last = encoded.at(-1);
    if (content.length === 0) continue;
    if (last?.role === message.role) pushAll(last.content, content);
    else encoded.push({ role: message.role, content });
  }
  if (encoded.length === 0) {
    throw protocolFaults.invalid_request('messages: must hold at least one message with content', {
      field: 'messages',
    });
  }
  if (encoded[0]!.role === 'assistant')
    encoded.unshift({ role: 'user', content: [{ type: 'text', text: openingText }] });
  trimPrefill(encoded.at(-1)!);
  return encoded;
}

/** Only the newest models take a system message within the conversation; all of them take a reminder in its place. */
function systemAsUser(message: Message): Message {
  if (message.role !== 'system') return message;
  const wrap = (part: Part): Part =>
    part.type === 'text' ? { ...part, text: `<system-reminder>\n${part.text}\n</system-reminder>` } : part;
  return { role: 'user', parts: message.parts.map(wrap) };
}

/** A beginning of the answer must not end in white space. */
function trimPrefill(last: { role: string; content: JsonObject[] }): void {
  const block = last.content.at(-1);
  if (last.role !== 'assistant' || block?.['type'] !== 'text') return;
  block['text'] = (block['text'] as string).trimEnd();
}

function encodePart(part: Part, ids: CallIds): JsonObject[] {
  switch (part.type) {
    case 'text':
      return textBlocks(part);
    case 'image':
      return [marked(imageBlock(part), part)];
    case 'document':
      return [marked(documentBlock(part), part)];
    case 'thinking': {
      const signature = ownSignature('anthropic', part.signature);
      return signature === undefined ? [] : [{ type: 'thinking', thinking: part.text, signature }];
    }
    case 'redacted_thinking':
      return part.data.startsWith(signatureMark) ? [] : [{ type: 'redacted_thinking', data: part.data }];
    case 'tool_call': {
      const input = argumentsObject(part.argumentsJson);
      return [marked({ type: 'tool_use', id: ids.of(part.id), name: part.name, input }, part)];
    }
    case 'tool_result':
      return [marked(resultBlock(part, ids), part)];
    default:
      throw protocolFaults.unsupported_field('messages: audio cannot be carried to this model', { field: 'messages' });
  }
}

/** Anthropic refuses empty text blocks, and those that hold nothing but white space. */
export function textBlocks(part: TextPart): JsonObject[] {
  return part.text.trim() === '' ? [] : [marked({ type: 'text', text: part.text }, part)];
}

function marked(block: JsonObject, part: { cacheControl?: JsonObject }): JsonObject {
  if (part.cacheControl !== undefined) block['cache_control'] = part.cacheControl;
  return block;
}

function resultBlock(result: ToolResultPart, ids: CallIds): JsonObject {
  const block: JsonObject = { type: 'tool_result', tool_use_id: ids.of(result.callId) };
  const content = result.content.flatMap((part) => encodePart(part, ids));
  if (content.length > 0) block['content'] = content;
  if (result.isError === true) block['is_error'] = true;
  return block;
}
