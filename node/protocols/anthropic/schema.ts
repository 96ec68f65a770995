/**
 * Anthropic Messages on the wire (https://docs.anthropic.com/en/api/messages, checked against the types of
 * @anthropic-ai/sdk 1.11): the names that decoders and encoders share.
 */
import type { JsonObject } from '../../../kit/json.ts';
import type { FinishReason, Usage } from '../../conversation/contract.ts';
import { tokenCount } from '../../conversation/token-count.ts';

export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'billing_error'
  | 'permission_error'
  | 'not_found_error'
  | 'request_too_large'
  | 'rate_limit_error'
  | 'api_error'
  | 'overloaded_error'
  | 'timeout_error';

const stopReasons: Record<FinishReason, string> = {
  stop: 'end_turn',
  stop_sequence: 'stop_sequence',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  refusal: 'refusal',
  pause: 'pause_turn',
  context_window_exceeded: 'model_context_window_exceeded',
};

const finishReasons = new Map<unknown, FinishReason>(
  Object.entries(stopReasons).map(([finish, stop]) => [stop, finish as FinishReason]),
);

/**
 * The stop_reason to show. Calls decide between `tool_use` and `end_turn`, whatever the upstream said: agents stop on
 * the one and wait for ever on the other.
 */
export function stopReasonOf(finish: FinishReason, hasCalls: boolean): string {
  if (finish === 'stop' && hasCalls) return 'tool_use';
  if (finish === 'tool_calls' && !hasCalls) return 'end_turn';
  return stopReasons[finish];
}

/** The middle form's reason for a stop_reason; unknown ones count as a normal end. */
export function finishOf(stopReason: unknown, hasCalls: boolean): FinishReason {
  return finishReasons.get(stopReason) ?? (hasCalls ? 'tool_calls' : 'stop');
}

/** Reads a `usage` object; `input_tokens` there excludes both cache counts. Null counts are absent ones. */
export function usageOf(wire: JsonObject): Usage {
  const usage: Usage = {};
  const input = countIn(wire, 'input_tokens');
  const read = countIn(wire, 'cache_read_input_tokens');
  const write = countIn(wire, 'cache_creation_input_tokens');
  const output = countIn(wire, 'output_tokens');
  if (input !== undefined) usage.inputTotal = input + (read ?? 0) + (write ?? 0);
  if (read !== undefined) usage.cacheRead = read;
  if (write !== undefined) usage.cacheWrite = write;
  if (output !== undefined) usage.outputTotal = output;
  const details = wire['output_tokens_details'] as JsonObject | null | undefined;
  const reasoning = typeof details === 'object' && details !== null ? countIn(details, 'thinking_tokens') : undefined;
  if (reasoning !== undefined) usage.reasoning = reasoning;
  return usage;
}

/**
 * Joins the usage of message_start with that of message_delta. Counts are cumulative, so later ones replace earlier
 * ones; but a later null, absence or zero only means that the upstream did not say it again.
 */
export function mergeWireUsage(earlier: JsonObject, later: JsonObject): JsonObject {
  const merged = { ...earlier };
  for (const [key, value] of Object.entries(later)) {
    if (value !== null && !(value === 0 && typeof earlier[key] === 'number')) merged[key] = value;
  }
  return merged;
}

/** The `usage` object for these counts; clients index into it, so all four numbers are always there. */
export function wireUsage(usage: Usage): JsonObject {
  const read = usage.cacheRead ?? 0;
  const write = usage.cacheWrite ?? 0;
  const wire: JsonObject = {
    input_tokens: Math.max(0, (usage.inputTotal ?? 0) - read - write),
    cache_creation_input_tokens: write,
    cache_read_input_tokens: read,
    output_tokens: usage.outputTotal ?? 0,
  };
  if (usage.reasoning !== undefined) wire['output_tokens_details'] = { thinking_tokens: usage.reasoning };
  return wire;
}

function countIn(wire: JsonObject, key: string): number | undefined {
  return tokenCount(wire[key]);
}

/** Ids of tool calls that Anthropic takes; the same id always gives the same result. */
export function toolIdOf(id: string): string {
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, '_');
}

/** Some tools expect ids of answers to begin with `msg_`. */
export function messageIdOf(id: string, requestId: string): string {
  const known = id === '' ? requestId : id;
  return known.startsWith('msg_') ? known : `msg_${toolIdOf(known)}`;
}
