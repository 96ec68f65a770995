import { expect } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import type { JsonObject } from '../../../../kit/json.ts';
import type { Conversation, Message, Part, Tool } from '../../../../node/conversation/contract.ts';
import type { CodewhispererTraits } from '../../../../node/protocols/codewhisperer/contract.ts';
import { encodeRequest } from '../../../../node/protocols/codewhisperer/encode-request.ts';
import { conversation, pngBase64 } from '../../../suites/conversations.ts';
import { brokenRules, toolsOf } from './request-rules.ts';

export const amazonq: CodewhispererTraits = {
  origin: 'CLI',
  envState: { operatingSystem: 'linux', currentWorkingDirectory: '/' },
  thinking: 'text-tags',
  conversationId: '11111111-2222-4333-8444-555555555555',
  toolDescriptionBytesMax: 10_004,
};
export const kiro: CodewhispererTraits = {
  origin: 'AI_EDITOR',
  profileArn: 'arn:aws:codewhisperer:us-east-1:444455556666:profile/TESTPROFILE1',
  agentTaskType: 'vibe',
  thinking: 'system-tags',
  conversationId: '11111111-2222-4333-8444-555555555555',
  agentContinuationId: '66666666-7777-4888-9999-aaaaaaaaaaaa',
  toolDescriptionBytesMax: 10_000,
};
export const runtime: CodewhispererTraits = { ...kiro, thinking: 'native' };

export const model = 'claude-sonnet-4.5';
export const user = (...parts: (Part | string)[]): Message => ({ role: 'user', parts: parts.map(part) });
export const assistant = (...parts: (Part | string)[]): Message => ({ role: 'assistant', parts: parts.map(part) });
export const part = (given: Part | string): Part => (typeof given === 'string' ? { type: 'text', text: given } : given);
export const call = (id: string, name = 'weather', argumentsJson = '{"place":"Bled"}'): Part => ({
  type: 'tool_call',
  id,
  name,
  argumentsJson,
});
export const result = (callId: string, text = 'sunny'): Part => ({
  type: 'tool_result',
  callId,
  content: text === '' ? [] : [{ type: 'text', text }],
});
export const image: Part = { type: 'image', mediaType: 'image/png', data: pngBase64 };
export const weather: Tool = {
  name: 'weather',
  description: 'Weather at a place.',
  schema: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
};

export function encode(messages: Message[], more: Partial<Conversation> = {}, traits = kiro) {
  const given = conversation(model, '', { tools: [weather], ...more, messages });
  const before = JSON.stringify(given);
  const encoded = encodeRequest(given, traits, 200_000);
  expect(JSON.stringify(given)).toBe(before);
  // The tests look at what is sent, and numbers that keep their digits exist in its text alone.
  const body = JSON.parse(JSON.stringify(encoded.body)) as JsonObject;
  expect(brokenRules(body)).toEqual([]);
  return { ...encoded, body, entries: entriesOf(body) };
}

/** History and current message without their frames. */
export function entriesOf(body: JsonObject): JsonObject[] {
  const state = body['conversationState'] as JsonObject;
  const entries = [...((state['history'] ?? []) as JsonObject[]), state['currentMessage'] as JsonObject];
  return entries.map((entry) => Object.values(entry)[0] as JsonObject);
}

export const texts = (messages: Message[], more: Partial<Conversation> = {}, traits = kiro) =>
  encode(messages, more, traits).entries.map((entry) => entry['content']);

export function currentOf(body: JsonObject): JsonObject {
  return (body['conversationState'] as JsonObject)['currentMessage'] as JsonObject;
}

export const specs = (body: JsonObject) =>
  toolsOf(currentOf(body)).map((tool) => tool['toolSpecification'] as JsonObject);

export function refusalOf(action: () => unknown): JsonObject {
  try {
    action();
  } catch (error) {
    if (!isFault(error)) throw error;
    return { code: error.code, status: error.status, field: error.field, message: error.message };
  }
  throw new Error('was not refused');
}
