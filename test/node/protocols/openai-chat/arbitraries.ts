/** What this dialect can carry without loss, as generators. */
import * as fc from 'fast-check';
import type { JsonObject } from '../../../../kit/json.ts';
import type {
  Answer,
  Conversation,
  Message,
  Part,
  TextPart,
  ToolCallPart,
  Usage,
} from '../../../../node/conversation/contract.ts';

/** Any text that is well-formed UTF-16 and not empty. */
export const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
const base64 = fc.base64String({ minLength: 4, maxLength: 24 });
const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_-]{0,20}$/);
export const argumentsJson = fc
  .dictionary(fc.string({ maxLength: 8 }), fc.jsonValue())
  .map((value) => JSON.stringify(value));

const count = fc.nat(1_000_000);
/** Clients are always told both totals. */
const usage: fc.Arbitrary<Usage> = fc.record(
  { inputTotal: count, outputTotal: count, cacheRead: count, cacheWrite: count, reasoning: count },
  { requiredKeys: ['inputTotal', 'outputTotal'] },
);

function calls(max: number): fc.Arbitrary<ToolCallPart[]> {
  const call = fc.record({
    type: fc.constant('tool_call' as const),
    id: fc.stringMatching(/^call_[a-zA-Z0-9]{6}$/),
    name,
    argumentsJson,
  });
  return fc.uniqueArray(call, { maxLength: max, selector: (part) => part.id });
}

const signed = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('thinking' as const), text, signature: base64 }),
    fc.record({ type: fc.constant('redacted_thinking' as const), data: base64 }),
  ),
  { maxLength: 3 },
);
const thinking: fc.Arbitrary<Part[]> = fc.oneof(
  signed,
  fc.record({ type: fc.constant('thinking' as const), text }).map((part) => [part]),
);
const texts: fc.Arbitrary<Part[]> = fc.array(fc.record({ type: fc.constant('text' as const), text }), { maxLength: 1 });
const images: fc.Arbitrary<Part[]> = fc.array(
  fc.record({ type: fc.constant('image' as const), mediaType: fc.constant('image/png'), data: base64 }),
  { maxLength: 2 },
);

/** Thinking, then text, then images, then calls: the order in which the format has them. */
export const answer: fc.Arbitrary<Answer> = fc
  .record({
    id: fc.stringMatching(/^chatcmpl-[a-z0-9]{8}$/),
    model: fc.constant('m'),
    thinking,
    texts,
    images,
    calls: calls(4),
    usage,
    ending: fc.constantFrom('stop' as const, 'length' as const, 'refusal' as const),
  })
  .map(({ id, model, usage, thinking, texts, images, calls, ending }) => ({
    id,
    model,
    usage,
    parts: [thinking, texts, images, calls].flat(),
    finish: calls.length > 0 && ending === 'stop' ? 'tool_calls' : ending,
  }));

const userText: fc.Arbitrary<Part[]> = text.map((text) => [{ type: 'text', text }]);
const userParts: fc.Arbitrary<Part[]> = fc
  .array(
    fc.oneof(
      fc.record({ type: fc.constant('text' as const), text }),
      fc.record({ type: fc.constant('image' as const), url: fc.constant('https://example.com/a.png') }),
      fc.record({
        type: fc.constant('image' as const),
        mediaType: fc.constantFrom('image/png', 'image/jpeg'),
        data: base64,
        detail: fc.constantFrom('low', 'high'),
      }),
      fc.record({ type: fc.constant('audio' as const), format: fc.constant('wav'), data: base64 }),
      fc.record({
        type: fc.constant('document' as const),
        mediaType: fc.constant('application/pdf'),
        data: base64,
        name: fc.constant('a.pdf'),
      }),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .filter((parts) => parts.length === 1 || parts.some((part) => part.type !== 'text'));

const user: fc.Arbitrary<Message> = fc.oneof(userText, userParts).map((parts) => ({ role: 'user', parts }));
const plainAssistant: fc.Arbitrary<Message> = text.map((text) => ({
  role: 'assistant',
  parts: [{ type: 'text', text }],
}));

/** A user's turn and the assistant's, the latter with calls that are all answered. */
const step: fc.Arbitrary<Message[]> = fc
  .record({
    user,
    before: texts,
    calls: calls(3),
    results: fc.array(texts, { minLength: 3, maxLength: 3 }),
    after: plainAssistant,
  })
  .map(({ user, before, calls, results, after }) => {
    if (calls.length === 0) return [user, after];
    const answered = calls.map((call, index) => ({
      type: 'tool_result' as const,
      callId: call.id,
      content: (results[index] ?? []).filter((part) => part.type === 'text'),
    }));
    return [user, { role: 'assistant', parts: [...before, ...calls] }, { role: 'user', parts: answered }, after];
  });

const tool = fc.record(
  {
    name,
    description: text,
    schema: fc.constant<JsonObject>({ type: 'object', properties: { a: { type: 'string' } } }),
    strict: fc.boolean(),
  },
  { requiredKeys: ['name', 'schema'] },
);

const toolList = fc.uniqueArray(tool, { minLength: 1, maxLength: 3, selector: ({ name }) => name });
const toolFields: fc.Arbitrary<Pick<Conversation, 'tools' | 'toolChoice' | 'parallelToolCalls'>> = fc.oneof(
  fc.constant<Pick<Conversation, 'tools'>>({ tools: [] }),
  toolList.chain((tools) =>
    fc.record(
      {
        tools: fc.constant(tools),
        toolChoice: fc.oneof(
          fc.constantFrom({ type: 'auto' as const }, { type: 'any' as const }, { type: 'none' as const }),
          fc.constantFrom(...tools).map(({ name }) => ({ type: 'tool' as const, name })),
        ),
        parallelToolCalls: fc.boolean(),
      },
      { requiredKeys: ['tools'] },
    ),
  ),
);

/** JSON has no negative zero. */
function number(min: number, max: number): fc.Arbitrary<number> {
  return fc.double({ min, max, noNaN: true }).map((value) => value + 0);
}

export const conversation: fc.Arbitrary<Conversation> = fc
  .record(
    {
      model: fc.constantFrom('gpt-4o', 'deepseek-chat'),
      system: fc.oneof(
        fc.constant<TextPart[]>([]),
        text.map((text) => [{ type: 'text' as const, text }]),
      ),
      messages: fc.tuple(fc.array(step, { maxLength: 3 }), user).map(([steps, last]) => steps.flat().concat(last)),
      toolFields,
      maxTokens: fc.integer({ min: 1, max: 100_000 }),
      temperature: number(0, 2),
      topP: number(0, 1),
      seed: fc.integer(),
      presencePenalty: number(-2, 2),
      frequencyPenalty: number(-2, 2),
      stop: fc.array(text, { maxLength: 4 }),
      thinking: fc.constantFrom(
        { mode: 'on' as const, effort: 'low' as const },
        { mode: 'on' as const, effort: 'xhigh' as const },
        { mode: 'off' as const, effort: 'none' as const },
      ),
      outputFormat: fc.constantFrom(
        { type: 'text' as const },
        { type: 'json' as const },
        { type: 'json_schema' as const, name: 'n', schema: { type: 'object' }, strict: true },
      ),
      promptCacheKey: text,
      stream: fc.boolean(),
    },
    { requiredKeys: ['model', 'system', 'messages', 'toolFields', 'stop', 'stream'] },
  )
  .map(({ toolFields, ...rest }) => Object.assign(rest, toolFields, { dropped: [] }));
