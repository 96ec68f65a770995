import type { Json, JsonObject } from '../../../kit/json.ts';
import { pushAll } from '../../../kit/push-all.ts';
import type { Message, Part, TextPart, ToolCallPart, ToolResultPart } from '../../conversation/contract.ts';
import { badField, join, objectAt, optionalArray, optionalObject, optionalString, requiredString } from '../fields.ts';
import { decodeCallSignature } from './call-signature.ts';
import { decodeContent, decodeText, unsupported } from './decode-parts.ts';
import { decodeReasoning } from './reasoning.ts';
import { normaliseArguments } from './tool-arguments.ts';

export interface DecodedMessages {
  /** System and developer messages before the first other one. */
  system: TextPart[];
  messages: Message[];
}

interface Progress extends DecodedMessages {
  dropped: Set<string>;
  /** Id of the last call of a function by name: the deprecated form has no ids. */
  legacyCallIds: Map<string, string>;
}

/** Later system messages stay in place: hoisting them changes the meaning and the cached prefix. */
export function decodeMessages(list: Json[], dropped: Set<string>): DecodedMessages {
  const progress: Progress = { system: [], messages: [], dropped, legacyCallIds: new Map() };
  for (let index = 0; index < list.length; index++) decodeMessage(list, index, progress);
  return { system: progress.system, messages: progress.messages };
}

function decodeMessage(list: Json[], index: number, progress: Progress): void {
  const from = objectAt(list, index, 'messages');
  const path = join('messages', index);
  const role = requiredString(from, 'role', path);
  if (from['name'] !== undefined && from['name'] !== null && role !== 'tool' && role !== 'function') {
    progress.dropped.add('messages.name');
  }
  switch (role) {
    case 'system':
    case 'developer':
      return addSystem(from, path, progress);
    case 'user':
      return add(progress, {
        role: 'user',
        parts: decodeContent(from['content'], join(path, 'content'), progress.dropped),
      });
    case 'assistant':
      return add(progress, { role: 'assistant', parts: decodeAssistant(from, path, progress) });
    case 'tool':
      return addResult(progress, decodeToolResult(from, path, requiredString(from, 'tool_call_id', path), progress));
    case 'function':
      return addResult(progress, decodeFunctionResult(from, path, progress));
    default:
      throw badField(join(path, 'role'), 'must be system, developer, user, assistant or tool', role);
  }
}

function addSystem(from: JsonObject, path: string, progress: Progress): void {
  const parts = decodeText(from['content'], join(path, 'content'), progress.dropped);
  if (progress.messages.length === 0) pushAll(progress.system, parts);
  else add(progress, { role: 'system', parts });
}

/** An empty message says nothing, and most formats refuse it. */
function add(progress: Progress, message: Message): void {
  if (message.parts.length > 0) progress.messages.push(message);
}

/** Results of one step follow one another; they make one message, as the other formats want them. */
function addResult(progress: Progress, result: ToolResultPart): void {
  const last = progress.messages.at(-1);
  // No other user message begins with one.
  const isOpen = last?.role === 'user' && last.parts[0]?.type === 'tool_result';
  if (isOpen) last.parts.push(result);
  else progress.messages.push({ role: 'user', parts: [result] });
}

function decodeAssistant(from: JsonObject, path: string, progress: Progress): Part[] {
  const parts: Part[] = decodeReasoning(from);
  pushAll(parts, decodeContent(from['content'], join(path, 'content'), progress.dropped));
  const refusal = optionalString(from, 'refusal', path) ?? '';
  if (refusal !== '') parts.push({ type: 'text', text: refusal });
  if (optionalObject(from, 'audio', path) !== undefined) {
    throw unsupported(join(path, 'audio'), 'past audio answers cannot be carried to this provider; send their text');
  }
  pushAll(parts, decodeCalls(from, path));
  pushAll(parts, decodeLegacyCall(from, path, progress));
  return parts;
}

function decodeCalls(from: JsonObject, path: string): ToolCallPart[] {
  const at = join(path, 'tool_calls');
  const list = optionalArray(from, 'tool_calls', path) ?? [];
  return list.map((_, index) => decodeCall(objectAt(list, index, at), join(at, index)));
}

function decodeCall(from: JsonObject, path: string): ToolCallPart {
  const definition = optionalObject(from, 'function', path);
  if (definition === undefined) throw unsupported(join(path, 'type'), 'only calls of type "function" can be carried');
  const id = requiredString(from, 'id', path);
  const call: ToolCallPart = { type: 'tool_call', id, ...decodeFunction(definition, join(path, 'function')) };
  const signature = decodeCallSignature(from);
  if (signature !== undefined) call.signature = signature;
  return call;
}

function decodeFunction(from: JsonObject, path: string): Pick<ToolCallPart, 'name' | 'argumentsJson'> {
  const name = requiredString(from, 'name', path);
  if (name === '') throw badField(join(path, 'name'), 'must not be empty');
  return { name, argumentsJson: normaliseArguments(from['arguments']) };
}

/** Old transcripts hold `function_call`; the id is made of the place, so that every turn finds the same one. */
function decodeLegacyCall(from: JsonObject, path: string, progress: Progress): ToolCallPart[] {
  const definition = optionalObject(from, 'function_call', path);
  if (definition === undefined) return [];
  const id = `call_legacy_${progress.messages.length}`;
  const call: ToolCallPart = { type: 'tool_call', id, ...decodeFunction(definition, join(path, 'function_call')) };
  progress.legacyCallIds.set(call.name, id);
  return [call];
}

function decodeFunctionResult(from: JsonObject, path: string, progress: Progress): ToolResultPart {
  const name = requiredString(from, 'name', path);
  const callId = progress.legacyCallIds.get(name);
  if (callId === undefined) throw badField(join(path, 'name'), 'must name a function called before', name);
  return { ...decodeToolResult(from, path, callId, progress), name };
}

function decodeToolResult(from: JsonObject, path: string, callId: string, progress: Progress): ToolResultPart {
  const content = decodeContent(from['content'], join(path, 'content'), progress.dropped);
  const audio = content.findIndex((part) => part.type === 'audio');
  if (audio >= 0) throw unsupported(join(join(path, 'content'), audio), 'audio in tool results cannot be carried');
  return { type: 'tool_result', callId, content: content.filter((part) => part.type !== 'audio') };
}
