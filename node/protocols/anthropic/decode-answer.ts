import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { Answer, Part } from '../../conversation/contract.ts';
import { importSignature } from '../../conversation/signature.ts';
import { protocolFaults } from '../faults.ts';
import { faultOfErrorEvent } from './errors.ts';
import { finishOf, usageOf } from './schema.ts';

/** A complete answer of an upstream. Throws `upstream_bad_answer`, or what an error object in its place says. */
export function decodeAnswer(body: JsonObject): Answer {
  if (body['type'] === 'error' || isJsonObject(body['error'])) throw faultOfErrorEvent(body);
  const content = body['content'];
  if (!Array.isArray(content)) throw protocolFaults.upstream_bad_answer('the answer has no array `content`');
  const parts = content.flatMap((block, index) => (isJsonObject(block) ? decodeBlock(block, body, index) : []));
  const hasCalls = parts.some((part) => part.type === 'tool_call');
  const answer: Answer = {
    id: stringIn(body, 'id') ?? '',
    model: stringIn(body, 'model') ?? '',
    parts,
    finish: finishOf(body['stop_reason'], hasCalls),
    usage: isJsonObject(body['usage']) ? usageOf(body['usage']) : {},
  };
  const stopSequence = stringIn(body, 'stop_sequence');
  if (stopSequence !== undefined) answer.stopSequence = stopSequence;
  return answer;
}

/** Blocks of tools that the upstream carried out itself are left out: the text holds what came of them. */
function decodeBlock(block: JsonObject, body: JsonObject, index: number): Part[] {
  switch (block['type']) {
    case 'text': {
      const text = stringIn(block, 'text') ?? '';
      return text === '' ? [] : [{ type: 'text', text }];
    }
    case 'thinking':
      return thinkingOf(stringIn(block, 'thinking') ?? '', stringIn(block, 'signature'));
    case 'redacted_thinking':
      return [{ type: 'redacted_thinking', data: stringIn(block, 'data') ?? '' }];
    case 'tool_use':
      return callOf(block, body, index);
    default:
      return [];
  }
}

function thinkingOf(text: string, wireSignature: string | undefined): Part[] {
  const signature = importSignature('anthropic', wireSignature);
  if (signature !== undefined) return [{ type: 'thinking', text, signature }];
  return text === '' ? [] : [{ type: 'thinking', text }];
}

/** A call without a name cannot be carried out by anybody. */
function callOf(block: JsonObject, body: JsonObject, index: number): Part[] {
  const name = stringIn(block, 'name') ?? '';
  if (name === '') return [];
  const id = stringIn(block, 'id') ?? inventedCallId(stringIn(body, 'id') ?? '', index);
  return [{ type: 'tool_call', id, name, argumentsJson: argumentsJsonOf(block['input']) }];
}

/** Id for a call that the upstream left without one: unique over the turns of a conversation, without chance. */
export function inventedCallId(messageId: string, index: number): string {
  return `toolu_${messageId.replaceAll(/[^a-zA-Z0-9]/g, '').slice(-24)}_${index}`;
}

/** Some upstreams send the arguments as JSON text. */
export function argumentsJsonOf(input: Json | undefined): string {
  if (isJsonObject(input)) return JSON.stringify(input);
  return typeof input === 'string' && input.trim() !== '' ? input : '{}';
}

/** A member that is a non-empty string. */
export function stringIn(from: JsonObject, key: string): string | undefined {
  const value = from[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
