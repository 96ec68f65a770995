import type { Json, JsonObject } from '../../../kit/json.ts';
import type { Message, Part, TextPart, ToolCallPart, ToolResultPart } from '../../conversation/contract.ts';
import { importSignature } from '../../conversation/signature.ts';
import { badField, join, objectAt, optionalBoolean, requiredArray, requiredObject, requiredString } from '../fields.ts';
import { portableName } from '../portable-name.ts';
import { protocolFaults } from '../faults.ts';
import { marked, textPart } from './cache-mark.ts';
import { attachCallSignatures } from './call-signature.ts';
import { decodeDocument, decodeImage, decodeSearchResult } from './decode-media.ts';

/** Blocks of tools that Anthropic carried out in an earlier turn; the text that follows holds what came of them. */
const serverBlocks = /^(?:server_tool_use|mcp_tool_use|mcp_tool_result|container_upload|[a-z_]+_tool_result)$/;

/** The messages of a request; what is left out goes into `dropped`. */
export function decodeMessages(body: JsonObject, dropped: Set<string>): Message[] {
  const list = requiredArray(body, 'messages', '');
  if (list.length === 0) throw badField('messages', 'must hold at least one message');
  return list.map((_, index) => decodeMessage(objectAt(list, index, 'messages'), `messages[${index}]`, dropped));
}

function decodeMessage(wire: JsonObject, path: string, dropped: Set<string>): Message {
  const role = wire['role'];
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    throw badField(`${path}.role`, 'must be one of user, assistant, system', role);
  }
  const parts = decodeContent(wire['content'], join(path, 'content'), dropped);
  return { role, parts: role === 'assistant' ? attachCallSignatures(parts) : parts };
}

function decodeContent(content: Json | undefined, path: string, dropped: Set<string>): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw badField(path, 'must be a string or an array of blocks', content);
  return content.flatMap((_, index) => decodeBlock(objectAt(content, index, path), join(path, index), dropped));
}

function decodeBlock(block: JsonObject, path: string, dropped: Set<string>): Part[] {
  const type = requiredString(block, 'type', path);
  switch (type) {
    case 'text':
      return withText(textPart(block, path));
    case 'image':
      return [decodeImage(block, path)];
    case 'document':
      return decodeDocument(block, path);
    case 'search_result':
      return [decodeSearchResult(block, path)];
    case 'thinking':
      return [decodeThinking(block, path)];
    case 'redacted_thinking':
      return [{ type, data: requiredString(block, 'data', path) }];
    case 'tool_use':
      return [decodeCall(block, path)];
    case 'tool_result':
      return [decodeResult(block, path, dropped)];
    default:
      return refuseOrDrop(type, path, dropped);
  }
}

function withText(part: TextPart): Part[] {
  return part.text === '' ? [] : [part];
}

function decodeThinking(block: JsonObject, path: string): Part {
  const text = requiredString(block, 'thinking', path);
  const signature =
    typeof block['signature'] === 'string' ? importSignature('anthropic', block['signature']) : undefined;
  return signature === undefined ? { type: 'thinking', text } : { type: 'thinking', text, signature };
}

function decodeCall(block: JsonObject, path: string): Part {
  const input = requiredObject(block, 'input', path);
  const call: ToolCallPart = {
    type: 'tool_call',
    id: requiredString(block, 'id', path),
    name: portableName(requiredString(block, 'name', path)),
    argumentsJson: JSON.stringify(input),
  };
  return marked(call, block, path);
}

function decodeResult(block: JsonObject, path: string, dropped: Set<string>): Part {
  const result: ToolResultPart = {
    type: 'tool_result',
    callId: requiredString(block, 'tool_use_id', path),
    content: resultContent(block['content'], join(path, 'content'), dropped),
  };
  if (optionalBoolean(block, 'is_error', path) === true) result.isError = true;
  return marked(result, block, path);
}

function resultContent(content: Json | undefined, path: string, dropped: Set<string>): ToolResultPart['content'] {
  if (content === undefined || content === null) return [];
  const parts = decodeContent(content, path, dropped);
  return parts.map((part, index) => {
    if (part.type === 'text' || part.type === 'image' || part.type === 'document') return part;
    throw badField(join(path, index), 'must be a text, image, document or search_result block');
  });
}

function refuseOrDrop(type: string, path: string, dropped: Set<string>): Part[] {
  if (serverBlocks.test(type) || type === 'tool_reference') {
    dropped.add(`messages.${type}`);
    return [];
  }
  throw protocolFaults.unsupported_field(`${path}.type: ${JSON.stringify(type)} cannot be carried to this model`, {
    field: `${path}.type`,
  });
}
