import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { FinishReason } from '../../conversation/contract.ts';

/** QwenLM/qwen-code: the chunk that ends so holds the error's words as content. */
const qwenFailure = 'error_finish';

const fromWire: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop_sequence'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'context_window_exceeded'], // Mistral
  ['tool_calls', 'tool_calls'],
  ['tool_use', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['content_filter', 'refusal'],
  ['safety', 'refusal'],
  ['refusal', 'refusal'],
  ['sensitive', 'refusal'], // GLM
]);

/** Finish reasons with which an upstream says that it failed: OpenRouter, GLM, DeepSeek, Qwen. */
const failures: ReadonlySet<string> = new Set([
  'error',
  'network_error',
  'insufficient_system_resource',
  'abort',
  qwenFailure,
]);

export function isFailureReason(reason: string): boolean {
  return failures.has(reason);
}

/** The error object of a choice that ended with such a reason; Qwen writes its words where the answer's text belongs. */
export function failureOf(choice: JsonObject, reason: string): Json {
  const error = choice['error'];
  if (error !== undefined && error !== null) return error;
  const said = choice['delta'] ?? choice['message'];
  const words = reason === qwenFailure && isJsonObject(said) ? said['content'] : undefined;
  return { message: typeof words === 'string' && words !== '' ? words : `finish_reason ${reason}` };
}

/**
 * Reads an upstream's `finish_reason`. A call in the answer outweighs the word (upstreams say `stop` after a call),
 * and `tool_calls` without a call is an ordinary end. An unknown word is an ordinary end too.
 */
export function decodeFinishReason(reason: string, saw: { toolCall: boolean; refusal: boolean }): FinishReason {
  const known = fromWire.get(reason.toLowerCase()) ?? 'stop';
  if (known === 'stop' && saw.refusal) return 'refusal';
  if (known === 'stop' && saw.toolCall) return 'tool_calls';
  if (known === 'tool_calls' && !saw.toolCall) return saw.refusal ? 'refusal' : 'stop';
  return known;
}

/** The four words that clients know; Cherry Studio shows any other as an error. */
export function encodeFinishReason(reason: FinishReason, sawToolCall: boolean): string {
  switch (reason) {
    case 'length':
    case 'context_window_exceeded':
      return 'length';
    case 'refusal':
      return 'content_filter';
    case 'tool_calls':
      return 'tool_calls';
    default:
      return sawToolCall ? 'tool_calls' : 'stop';
  }
}
