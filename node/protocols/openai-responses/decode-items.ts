import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { pushAll } from '../../../kit/push-all.ts';
import type { Message, Part, TextPart, ToolCallPart, ToolResultPart } from '../../conversation/contract.ts';
import { protocolFaults } from '../faults.ts';
import { badField, join, objectAt, optionalArray, optionalObject, optionalString, requiredString } from '../fields.ts';
import { decodeContent, decodeContentValue } from './decode-content.ts';
import type { ToolList } from './decode-tools.ts';
import { decodeReasoning } from './reasoning.ts';
import { travellingName, wrapFreeform } from './tool-kinds.ts';

/** Items that point at state kept by OpenAI, or whose content only OpenAI can read: dropping them would lose history. */
const stateful: ReadonlySet<string> = new Set([
  'item_reference',
  'compaction',
  'compaction_summary',
  'context_compaction',
  'compaction_trigger',
  'mcp_approval_request',
  'mcp_approval_response',
]);

/** Reads the `input` of a request into messages, item by item. */
export class ItemDecoder {
  readonly system: TextPart[] = [];
  readonly messages: Message[] = [];
  /** Types of items that were left out. */
  readonly skipped = new Set<string>();
  readonly #tools: ToolList;
  /** Signature that came in an item of its own and belongs to the next tool call. */
  #callSignature: string | undefined;

  constructor(tools: ToolList) {
    this.#tools = tools;
  }

  decode(input: Json | undefined): void {
    if (typeof input === 'string') {
      if (input !== '') this.#add('user', [{ type: 'text', text: input }]);
      return;
    }
    if (!Array.isArray(input)) throw badField('input', 'is required and must be a string or an array', input);
    input.forEach((_, index) => this.#item(objectAt(input, index, 'input'), join('input', index)));
  }

  #item(item: JsonObject, path: string): void {
    // A message may leave out its type (`EasyInputMessage`).
    const type = optionalString(item, 'type', path) ?? (item.role === undefined ? 'item_reference' : 'message');
    switch (type) {
      case 'message':
        return this.#message(item, path);
      case 'reasoning':
        return this.#reasoning(item, path);
      case 'function_call':
        return this.#call(item, path, requiredString(item, 'arguments', path));
      case 'custom_tool_call':
        return this.#call(item, path, wrapFreeform(requiredString(item, 'input', path)));
      case 'local_shell_call':
        return this.#clientCall(item, path, 'local_shell', optionalObject(item, 'action', path) ?? {});
      case 'tool_search_call':
        return this.#clientCall(item, path, 'tool_search', item.arguments ?? {});
      default:
        return this.#resultOrOther(type, item, path);
    }
  }

  #resultOrOther(type: string, item: JsonObject, path: string): void {
    switch (type) {
      case 'function_call_output':
      case 'custom_tool_call_output':
        return this.#result(item, path, requiredString(item, 'call_id', path));
      case 'local_shell_call_output':
        return this.#result(item, path, optionalString(item, 'call_id', path) ?? requiredString(item, 'id', path));
      case 'tool_search_output':
        return this.#foundTools(item, path);
      case 'additional_tools':
        return this.#tools.add(item, path);
      default:
        return this.#other(type, path);
    }
  }

  #other(type: string, path: string): void {
    if (!stateful.has(type)) {
      this.skipped.add(type);
      return;
    }
    const reason = 'needs state that only OpenAI keeps; send the items themselves (`store: false`)';
    throw protocolFaults.unsupported_field(`${path}: ${type} ${reason}`, { field: path });
  }

  #message(item: JsonObject, path: string): void {
    const role = requiredString(item, 'role', path);
    const parts = decodeContent(item, path);
    if (role === 'user' || role === 'assistant') this.#add(role, parts);
    else if (role === 'system' || role === 'developer') this.#instruct(parts, path);
    else throw badField(join(path, 'role'), 'must be one of user, assistant, system, developer', role);
  }

  /** Leading instructions are the system prompt; later ones stay in place, since moving them changes their meaning. */
  #instruct(parts: Part[], path: string): void {
    if (!parts.every((part) => part.type === 'text')) throw badField(path, 'instructions must be text');
    if (this.messages.length === 0) pushAll(this.system, parts);
    else this.#add('system', parts);
  }

  #reasoning(item: JsonObject, path: string): void {
    const { part, callSignature } = decodeReasoning(item, path);
    if (callSignature !== undefined) this.#callSignature = callSignature;
    if (part !== undefined) this.#add('assistant', [part]);
  }

  #call(item: JsonObject, path: string, argumentsJson: string): void {
    const name = travellingName(requiredString(item, 'name', path), optionalString(item, 'namespace', path));
    this.#addCall(requiredString(item, 'call_id', path), name, argumentsJson);
  }

  #clientCall(item: JsonObject, path: string, name: string, call: Json): void {
    const id = optionalString(item, 'call_id', path) ?? requiredString(item, 'id', path);
    this.#addCall(id, name, typeof call === 'string' ? call : JSON.stringify(withoutType(call)));
  }

  #addCall(id: string, name: string, argumentsJson: string): void {
    const part: ToolCallPart = {
      type: 'tool_call',
      id,
      name,
      argumentsJson: argumentsJson === '' ? '{}' : argumentsJson,
    };
    if (this.#callSignature !== undefined) part.signature = this.#callSignature;
    this.#callSignature = undefined;
    this.#add('assistant', [part]);
  }

  #result(item: JsonObject, path: string, callId: string): void {
    const result = decodeOutput(item.output, join(path, 'output'));
    this.#add('user', [{ type: 'tool_result', callId, ...result }]);
  }

  /** What a client-side tool search found: the result of that call, and tools for this turn. */
  #foundTools(item: JsonObject, path: string): void {
    this.#tools.add(item, path);
    const callId = optionalString(item, 'call_id', path);
    if (callId === undefined) return;
    const text = JSON.stringify(optionalArray(item, 'tools', path) ?? []);
    this.#add('user', [{ type: 'tool_result', callId, content: [{ type: 'text', text }] }]);
  }

  /** Neighbours of the same role are one message. */
  #add(role: Message['role'], parts: Part[]): void {
    if (parts.length === 0) return;
    const last = this.messages.at(-1);
    if (last?.role === role) pushAll(last.parts, parts);
    else this.messages.push({ role, parts });
  }
}

function withoutType(call: Json): Json {
  if (!isJsonObject(call)) return call;
  const { type: _, ...rest } = call;
  return rest;
}

/** A string, a list of parts, or (older Codex) an object with `content` and `success`. */
function decodeOutput(output: Json | undefined, path: string): Pick<ToolResultPart, 'content' | 'isError'> {
  if (output === undefined || output === null) return { content: [] };
  if (!isJsonObject(output)) return { content: decodeContentValue(output, path).filter(isResultContent) };
  const content = decodeContentValue(output.content ?? JSON.stringify(output), join(path, 'content'));
  return { content: content.filter(isResultContent), ...(output.success === false ? { isError: true } : {}) };
}

function isResultContent(part: Part): part is ToolResultPart['content'][number] {
  if (part.type === 'text' || part.type === 'image' || part.type === 'document') return true;
  throw protocolFaults.unsupported_field(`${part.type} cannot be carried inside a tool's output`, {
    field: 'input[].output',
  });
}
