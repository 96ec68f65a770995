import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { Answer, ImagePart, Part, ToolCallPart } from '../../conversation/contract.ts';
import { protocolFaults } from '../faults.ts';
import { decodeCallSignature } from './call-signature.ts';
import { splitDataUrl } from './data-url.ts';
import { decodeFinishReason, failureOf, isFailureReason } from './finish-reason.ts';
import { faultOfErrorObject } from './read-fault.ts';
import { decodeReasoning, decodeTextAndThinking } from './reasoning.ts';
import { normaliseArguments } from './tool-arguments.ts';
import { decodeUsage } from './usage.ts';

/**
 * Reads a complete answer. Calls without an id get one from `inventId`. Throws `upstream_bad_answer` for what is not
 * a Chat Completions answer, and the upstream's own error when a 200 holds one.
 */
export function decodeAnswer(body: JsonObject, inventId: () => string): Answer {
  if (isError(body['error'])) throw faultOfErrorObject(body['error']);
  const choice = firstChoice(body);
  const message = choice?.['message'];
  if (choice === undefined || !isJsonObject(message)) {
    throw protocolFaults.upstream_bad_answer('the upstream answered without choices[0].message');
  }
  const word = typeof choice['finish_reason'] === 'string' ? choice['finish_reason'] : '';
  if (isFailureReason(word)) throw faultOfErrorObject(failureOf(choice, word));
  const refusal = typeof message['refusal'] === 'string' ? message['refusal'] : '';
  const parts = decodeParts(message, refusal, inventId);
  const saw = { toolCall: parts.some((part) => part.type === 'tool_call'), refusal: refusal !== '' };
  return {
    id: text(body['id']),
    model: text(body['model']),
    parts,
    finish: decodeFinishReason(word, saw),
    usage: decodeUsage(body['usage']) ?? {},
  };
}

/** Some servers send `error: null` or `{}` in every answer. */
export function isError(error: Json | undefined): error is Json {
  if (typeof error === 'string') return error !== '';
  return isJsonObject(error) && Object.keys(error).length > 0;
}

export function firstChoice(body: JsonObject): JsonObject | undefined {
  const choices = body['choices'];
  const first = Array.isArray(choices) ? choices[0] : undefined;
  return isJsonObject(first) ? first : undefined;
}

export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function decodeParts(message: JsonObject, refusal: string, inventId: () => string): Part[] {
  const parts: Part[] = [...decodeReasoning(message), ...decodeTextAndThinking(message['content'])];
  if (refusal !== '') parts.push({ type: 'text', text: refusal });
  const images = Array.isArray(message['images']) ? message['images'] : [];
  parts.push(...images.map(decodeAnswerImage).filter((image) => image !== undefined));
  parts.push(...decodeCalls(message, inventId));
  return parts;
}

/** OpenRouter's `images` of an answer: data URLs. */
export function decodeAnswerImage(from: Json): (ImagePart & { mediaType: string; data: string }) | undefined {
  const image = isJsonObject(from) ? from['image_url'] : undefined;
  const split = splitDataUrl(isJsonObject(image) ? text(image['url']) : '');
  if (split === undefined) return undefined;
  return { type: 'image', mediaType: split.mediaType ?? 'image/png', data: split.data };
}

function decodeCalls(message: JsonObject, inventId: () => string): ToolCallPart[] {
  const calls = Array.isArray(message['tool_calls']) ? message['tool_calls'].filter(isJsonObject) : [];
  const legacy = message['function_call'];
  const all = isJsonObject(legacy) && calls.length === 0 ? [{ function: legacy }] : calls;
  return all.map((call) => decodeCall(call, inventId)).filter((call) => call !== undefined);
}

/** A call without a name cannot be made; it is left out. */
function decodeCall(call: JsonObject, inventId: () => string): ToolCallPart | undefined {
  const definition = isJsonObject(call['function']) ? call['function'] : {};
  const name = text(definition['name']);
  if (name === '') return undefined;
  const id = text(call['id']) || inventId();
  const part: ToolCallPart = {
    type: 'tool_call',
    id,
    name,
    argumentsJson: normaliseArguments(definition['arguments']),
  };
  const signature = decodeCallSignature(call);
  if (signature !== undefined) part.signature = signature;
  return part;
}
