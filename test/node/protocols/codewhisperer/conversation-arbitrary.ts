/** Conversations as careless clients send them: cut, out of order, with broken text, ids used again and odd names. */
import * as fc from 'fast-check';
import type { Conversation, Message, Part, Tool } from '../../../../node/conversation/contract.ts';
import { pngBase64 } from '../../../suites/conversations.ts';

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('', ' ', '\ud83d', 'Hello'));
const toolName = fc.oneof(
  fc.constantFrom('read_file', 'Read_File', 'READ_FILE', '1st', 'mcp.server:tool', 'a'.repeat(80), ' ', '工具'),
  fc.string({ minLength: 1, maxLength: 100 }),
);
const callId = fc.constantFrom('call_1', 'call_2', 'call_3', 'call.4', 'call:4', 'x'.repeat(90), '');
const argumentsJson = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.constantFrom('', '{}', '{"":1}', '{"a":{"":{"b":"\\ud800"}}}', '{"n":12345678901234567890}', '{"cut":"of', '[1]'),
);

const textPart = fc.record({ type: fc.constant('text' as const), text });
const imagePart = fc.constant({ type: 'image' as const, mediaType: 'image/png', data: pngBase64 });
const documentPart = fc.record({ type: fc.constant('document' as const), text, name: text });
const callPart = fc.record({ type: fc.constant('tool_call' as const), id: callId, name: toolName, argumentsJson });
const thinkingPart = fc.record({
  type: fc.constant('thinking' as const),
  text,
  signature: fc.constantFrom('RXhhbXBsZQ==', 'aiproxy0gemini00abc', ''),
});
const redactedPart = fc.record({ type: fc.constant('redacted_thinking' as const), data: fc.constant('RXhhbXBsZQ==') });
const resultPart = fc.record({
  type: fc.constant('tool_result' as const),
  callId,
  content: fc.array(fc.oneof(textPart, imagePart, documentPart), { maxLength: 3 }),
  isError: fc.boolean(),
});

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    role: fc.constant('user' as const),
    parts: fc.array<Part>(fc.oneof(textPart, resultPart, documentPart), { maxLength: 4 }),
  }),
  fc.record({
    role: fc.constant('assistant' as const),
    parts: fc.array<Part>(fc.oneof(textPart, callPart, thinkingPart, redactedPart, imagePart), { maxLength: 4 }),
  }),
  fc.record({ role: fc.constant('system' as const), parts: fc.array<Part>(textPart, { maxLength: 2 }) }),
);

const schemaLeaf = fc.constantFrom<Tool['schema']>(
  {},
  { type: 'string' },
  { $ref: '#/$defs/a' },
  { $ref: '#' },
  { $ref: 'https://example.org/other.json' },
  { type: 'array', items: { $ref: '#/$defs/b' } },
  { type: 'object', properties: null, required: null, additionalProperties: false },
  { anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
);
const schema: fc.Arbitrary<Tool['schema']> = fc.record(
  {
    $schema: fc.constant('https://json-schema.org/draft/2020-12/schema'),
    type: fc.constantFrom('object', null),
    properties: fc.oneof(fc.constant(null), fc.dictionary(fc.string({ maxLength: 5 }), schemaLeaf, { maxKeys: 4 })),
    required: fc.oneof(fc.constant(null), fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 })),
    additionalProperties: fc.boolean(),
    allOf: fc.array(schemaLeaf, { maxLength: 2 }),
    $defs: fc.record({ a: schemaLeaf, b: schemaLeaf }),
  },
  { requiredKeys: [] },
);
const tool: fc.Arbitrary<Tool> = fc.record(
  {
    name: toolName,
    description: fc.oneof(text, fc.constantFrom('é'.repeat(6_000), '😀'.repeat(3_001))),
    schema,
  },
  { requiredKeys: ['name', 'schema'] },
);

export const anyConversation: fc.Arbitrary<Conversation> = fc.record({
  model: fc.constant('claude-sonnet-4.5'),
  system: fc.array(textPart, { maxLength: 2 }),
  messages: fc.array(message, { maxLength: 9 }),
  tools: fc.array(tool, { maxLength: 4 }),
  toolChoice: fc.constantFrom({ type: 'auto' as const }, { type: 'none' as const }, { type: 'any' as const }),
  thinking: fc.constantFrom({ mode: 'on' as const, budgetTokens: 4_000 }, { mode: 'off' as const }),
  stop: fc.constant([]),
  stream: fc.boolean(),
  dropped: fc.constant([]),
});
