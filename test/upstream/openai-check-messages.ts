import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { checkContent } from './openai-check-content.ts';
import { refuse } from './openai-refuse.ts';

/** Members of each role's message (SDK 7.55: ChatCompletion*MessageParam). */
const messageMembers: Record<string, readonly string[]> = {
  system: ['role', 'content', 'name'],
  developer: ['role', 'content', 'name'],
  user: ['role', 'content', 'name'],
  assistant: ['role', 'content', 'name', 'refusal', 'audio', 'tool_calls', 'function_call', 'annotations'],
  tool: ['role', 'content', 'tool_call_id', 'name'],
  function: ['role', 'content', 'name'],
};

/** Checks roles, contents, and that tool messages follow their calls. */
export function checkChatMessages(body: JsonObject): void {
  const { messages } = body;
  if (messages === undefined)
    refuse("Missing required parameter: 'messages'.", 'messages', 'missing_required_parameter');
  if (!Array.isArray(messages))
    refuse("Invalid type for 'messages': expected an array of objects.", 'messages', 'invalid_type');
  if (messages.length === 0)
    refuse(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages',
      'empty_array',
    );
  const keepsReasoning = /deepseek|reasoner|qwen/.test(String(body.model));
  const pending = new Set<string>();
  let callsAt = 0;
  for (const [index, message] of messages.entries()) {
    const checked = checkMessage(message, index, keepsReasoning);
    if (checked.role === 'tool') answerCall(checked, index, pending);
    else {
      refuseUnanswered(pending, callsAt);
      callsAt = index;
      for (const id of callIds(checked, index)) pending.add(id);
    }
  }
  refuseUnanswered(pending, callsAt);
}

function answerCall(message: JsonObject, index: number, pending: Set<string>): void {
  const { tool_call_id: id } = message;
  const path = `messages[${index}].tool_call_id`;
  if (typeof id !== 'string') refuse(`Missing required parameter: '${path}'.`, path, 'missing_required_parameter');
  if (!pending.delete(id)) {
    refuse(
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
      `messages.[${index}].role`,
    );
  }
}

function refuseUnanswered(pending: Set<string>, callsAt: number): void {
  if (pending.size === 0) return;
  refuse(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...pending].join(', ')}`,
    `messages.[${callsAt + 1}].role`,
  );
}

function checkMessage(message: Json, index: number, keepsReasoning: boolean): JsonObject {
  const path = `messages[${index}]`;
  if (!isJsonObject(message)) return refuse(`Invalid type for '${path}': expected an object.`, path, 'invalid_type');
  const role = String(message.role);
  const known = messageMembers[role];
  if (known === undefined)
    return refuse(
      `Invalid value: '${role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
      `${path}.role`,
      'invalid_value',
    );
  for (const member of Object.keys(message)) {
    // DeepSeek-like servers take the model's own reasoning back.
    if (member === 'reasoning_content' && keepsReasoning && role === 'assistant') continue;
    if (!known.includes(member))
      refuse(`Unknown parameter: '${path}.${member}'.`, `${path}.${member}`, 'unknown_parameter');
  }
  checkContent(message, role, path);
  return message;
}

/** Call ids of an assistant message, checked (maximum length 40). */
function callIds(message: JsonObject, index: number): string[] {
  const { tool_calls: calls } = message;
  if (calls === undefined || message.role !== 'assistant') return [];
  const path = `messages[${index}].tool_calls`;
  if (!Array.isArray(calls) || calls.length === 0)
    return refuse(
      `Invalid '${path}': empty array. Expected an array with minimum length 1, but got an empty array instead.`,
      path,
      'empty_array',
    );
  return calls.map((call, at) => {
    if (!isJsonObject(call) || typeof call.id !== 'string')
      return refuse(
        `Missing required parameter: '${path}[${at}].id'.`,
        `${path}[${at}].id`,
        'missing_required_parameter',
      );
    if (call.id.length > 40)
      refuse(
        `Invalid '${path}[${at}].id': string too long. Expected a string with maximum length 40, but got a string with length ${call.id.length} instead.`,
        `${path}[${at}].id`,
        'string_above_max_length',
      );
    if (call.type !== 'function' && call.type !== 'custom')
      refuse(`Missing required parameter: '${path}[${at}].type'.`, `${path}[${at}].type`, 'missing_required_parameter');
    if (call.type === 'function') checkCalledFunction(call.function, `${path}[${at}].function`);
    return call.id;
  });
}

function checkCalledFunction(called: Json | undefined, path: string): void {
  if (!isJsonObject(called) || typeof called.name !== 'string')
    return refuse(`Missing required parameter: '${path}.name'.`, `${path}.name`, 'missing_required_parameter');
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(called.name))
    refuse(
      `Invalid '${path}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      `${path}.name`,
      'invalid_value',
    );
  if (typeof called.arguments !== 'string')
    refuse(`Invalid type for '${path}.arguments': expected a string.`, `${path}.arguments`, 'invalid_type');
}
