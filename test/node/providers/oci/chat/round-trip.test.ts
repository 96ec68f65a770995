import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type Json, type JsonObject } from '../../../../../kit/json.ts';
import type { Answer, Conversation, Part, ToolCallPart, Usage } from '../../../../../node/conversation/contract.ts';
import { fold } from '../../../../../node/conversation/fold.ts';
import { decode, encoded, whole } from './oci-chat.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.constantFrom('data: [DONE]\n\n', 'a\r\nb', '\u2028', '{"finishReason":"stop"}', '😀'),
);
const toolNames = ['lake_info', 'files.read:all', 'now'];
// V8 14 (Node.js 26.9) reads [{"a":1,"\\":1},{"a":1,"\"":1}] as if the second object had the first one's names.
const isMisread = /"\\["\\]":/;
const json = fc
  .dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }))
  .map((value) => JSON.stringify(value))
  .filter((written) => !isMisread.test(written));
const calls = fc.uniqueArray(
  fc.record({
    type: fc.constant('tool_call' as const),
    id: fc.stringMatching(/^call_[a-z0-9]{6}$/),
    name: fc.constantFrom(...toolNames),
    argumentsJson: json,
  }),
  { maxLength: 4, selector: ({ id }) => id },
);
const count = fc.nat(100_000);
const usage: fc.Arbitrary<Usage> = fc.record(
  { inputTotal: count, outputTotal: count, cacheRead: count, reasoning: count },
  { requiredKeys: [] },
);
const someText = (type: 'text' | 'thinking') =>
  fc.array(text, { maxLength: 1 }).map((list): Part[] => list.map((each) => ({ type, text: each })));

/** Thoughts, then text, then calls: the order in which the formats have them. */
const answer: fc.Arbitrary<Answer> = fc
  .record({ thinking: someText('thinking'), said: someText('text'), calls, usage, isCut: fc.boolean() })
  .map(({ thinking, said, calls, usage, isCut }) => ({
    id: '',
    model: '',
    parts: [...thinking, ...said, ...calls],
    usage,
    finish: isCut ? 'length' : calls.length > 0 ? 'tool_calls' : 'stop',
  }));

const conversation: Partial<Conversation> = { stream: true, tools: toolNames.map((name) => ({ name, schema: {} })) };

/** How often and where things are cut: text into pieces, arguments into fragments, bytes into chunks. */
interface Cutting {
  piece: number;
  bytes: number[];
  /** What ends an event. */
  between: string;
  hasDone: boolean;
  usageFirst: boolean;
}
const cutting: fc.Arbitrary<Cutting> = fc.record({
  piece: fc.integer({ min: 1, max: 8 }),
  bytes: fc.array(fc.nat(3000), { maxLength: 12 }),
  between: fc.constantFrom('\n\n', '\r\n\r\n', '\n', '\r\n', '\n: a comment\n\n'),
  hasDone: fc.boolean(),
  usageFirst: fc.boolean(),
});

/** How one backend writes a part; each element is an event. */
type Backend = (part: Part, travelling: (name: string) => string, cut: (text: string) => string[]) => JsonObject[];

const message = (fields: JsonObject): JsonObject => ({ message: { role: 'ASSISTANT', ...fields }, pad: 'aaa' });
const flat = ({ id, name, argumentsJson }: ToolCallPart) => ({ id, type: 'FUNCTION', name, arguments: argumentsJson });

const generic =
  (writeCall: (call: ToolCallPart, cut: (text: string) => string[]) => JsonObject[]): Backend =>
  (part, travelling, cut) => {
    if (part.type === 'thinking') return cut(part.text).map((each) => message({ reasoningContent: each }));
    if (part.type === 'text') return cut(part.text).map((each) => message({ content: [{ type: 'TEXT', text: each }] }));
    if (part.type !== 'tool_call') return [];
    return writeCall({ ...part, name: travelling(part.name) }, cut);
  };

const backends: [string, string, Backend][] = [
  ['Grok', 'xai.grok-4', generic((call) => [message({ content: null, toolCalls: [flat(call)] })])],
  [
    'gpt-oss',
    'openai.gpt-oss-120b',
    generic((call, cut) => [
      message({ toolCalls: [{ ...flat(call), arguments: '' }] }),
      ...cut(call.argumentsJson).map((each) => message({ toolCalls: [{ type: 'FUNCTION', arguments: each }] })),
    ]),
  ],
  [
    'Gemini',
    'google.gemini-2.5-pro',
    generic(({ name, argumentsJson }) => [
      message({ content: [{ type: 'TEXT' }], toolCalls: [{ type: 'FUNCTION', name, arguments: argumentsJson }] }),
    ]),
  ],
  [
    'Command A Reasoning',
    'cohere.command-a-reasoning-08-2025',
    (part, travelling, cut) => {
      if (part.type === 'thinking') {
        return cut(part.text).map((each) => message({ content: [{ type: 'THINKING', thinking: each }] }));
      }
      if (part.type === 'text')
        return cut(part.text).map((each) => message({ content: [{ type: 'TEXT', text: each }] }));
      if (part.type !== 'tool_call') return [];
      const { id, name, argumentsJson } = part;
      const definition = { name: travelling(name), arguments: argumentsJson };
      return [message({ toolCalls: [{ id, type: 'FUNCTION', function: definition }] })];
    },
  ],
  [
    'Command R',
    'cohere.command-r-08-2024',
    (part, travelling, cut) => {
      if (part.type === 'text') return cut(part.text).map((each) => ({ apiFormat: 'COHERE', text: each }));
      return part.type === 'tool_call' ? [{ toolCalls: [cohereCall(part, travelling)] }] : [];
    },
  ],
];

function cohereCall({ name, argumentsJson }: ToolCallPart, travelling: (name: string) => string): JsonObject {
  return { name: travelling(name), parameters: JSON.parse(argumentsJson) as JsonObject };
}

function usageOf({ inputTotal, outputTotal, cacheRead, reasoning }: Usage): JsonObject {
  const fields: JsonObject = { promptTokensDetails: {}, completionTokensDetails: null };
  if (inputTotal !== undefined) fields['promptTokens'] = inputTotal;
  if (outputTotal !== undefined) fields['completionTokens'] = outputTotal;
  if (cacheRead !== undefined) fields['promptTokensDetails'] = { cachedTokens: cacheRead };
  if (reasoning !== undefined) fields['completionTokensDetails'] = { reasoningTokens: reasoning };
  return fields;
}

/** What is the same for every backend: ids that were invented and what the format cannot say are left aside. */
function comparable({ parts, usage, finish }: Answer, hasIds: boolean, hasThinking: boolean): unknown {
  const kept = parts.filter(({ type }) => hasThinking || type !== 'thinking');
  return {
    parts: hasIds ? kept : kept.map(withoutId),
    usage,
    finish,
  };
}

function withoutId(part: Part): Part {
  if (part.type !== 'tool_call') return part;
  const { name, argumentsJson } = part;
  return { type: 'tool_call', id: '', name, argumentsJson };
}

describe.each(backends)('an answer of %s', (_, model, write) => {
  const from = encoded(model, conversation);
  const isCohere = model.includes('command-r');
  const hasIds = !isCohere && !model.startsWith('google');
  const sent = travellingNames(from.body['chatRequest'] as JsonObject);
  const travelling = (name: string) => sent[toolNames.indexOf(name)]!;
  const expected = (one: Answer) => comparable(one, hasIds, !isCohere);

  it('is what its stream says, however that is cut', () => {
    fc.assert(
      fc.property(answer, cutting, (one, how) => {
        const cut = (whole: string) => whole.match(new RegExp(`[^]{1,${how.piece}}`, 'gu')) ?? [];
        const events = one.parts.flatMap((part) => write(part, travelling, cut));
        const usage = { usage: usageOf(one.usage) };
        const word = one.finish === 'length' ? 'MAX_TOKENS' : isCohere ? 'COMPLETE' : 'stop';
        const end = { finishReason: word, ...(isCohere ? cohereWhole(one, travelling) : {}) };
        const list: (JsonObject | string)[] = how.usageFirst ? [...events, usage, end] : [...events, end, usage];
        if (how.hasDone) list.push('[DONE]');
        const stream = list
          .map((each) => `data: ${typeof each === 'string' ? each : JSON.stringify(each)}${how.between}`)
          .join('');
        expect(comparable(fold(decode(from, stream, how.bytes)), hasIds, !isCohere)).toEqual(expected(one));
      }),
      { numRuns: 150 },
    );
  });

  it('is what it says whole', () => {
    fc.assert(
      fc.property(answer, (one) => {
        const chatResponse: JsonObject = { usage: usageOf(one.usage) };
        const word = one.finish === 'length' ? 'length' : 'COMPLETE';
        if (isCohere) Object.assign(chatResponse, cohereWhole(one, travelling), { finishReason: word });
        else {
          const messages = one.parts.flatMap((part) => write(part, travelling, (text) => [text]));
          // Fragments are for streams alone.
          fc.pre(!messages.some((event) => isFragment(event)));
          chatResponse['choices'] = [{ index: 0, finishReason: word, message: merged(messages) }];
        }
        expect(comparable(whole(from, { modelId: 'm', chatResponse }), hasIds, !isCohere)).toEqual(expected(one));
      }),
    );
  });
});

function cohereWhole({ parts }: Answer, travelling: (name: string) => string): JsonObject {
  const calls = parts.filter((part): part is ToolCallPart => part.type === 'tool_call');
  const said = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
  return { text: said, chatHistory: [], toolCalls: calls.map((call) => cohereCall(call, travelling)) };
}

function isFragment({ message: said }: JsonObject): boolean {
  const list = isJsonObject(said) && Array.isArray(said['toolCalls']) ? said['toolCalls'] : [];
  return list.some(
    (call) => isJsonObject(call) && (call['arguments'] === '' || call['name'] === undefined) && !('function' in call),
  );
}

/** One message with what several say. */
function merged(events: readonly JsonObject[]): JsonObject {
  const all: JsonObject = { role: 'ASSISTANT' };
  for (const { message: said } of events) {
    for (const [key, value] of Object.entries(isJsonObject(said) ? said : {})) {
      if (Array.isArray(value)) all[key] = [...((all[key] as Json[] | undefined) ?? []), ...value];
      else if (value !== null) all[key] = value;
    }
  }
  return all;
}

function travellingNames({ tools }: JsonObject): string[] {
  return (tools as JsonObject[]).map((tool) => {
    const definition = isJsonObject(tool['function']) ? tool['function'] : tool;
    return String(definition['name']);
  });
}
