/** What both Anthropic Messages and OpenAI Chat can hold survives the way through either and back. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../kit/json.ts';
import type { Answer, Conversation, Message, Part, StreamEvent, Usage } from '../../../node/conversation/contract.ts';
import { fold } from '../../../node/conversation/fold.ts';
import { orderBreach } from '../../../node/conversation/order-check.ts';
import { unfold } from '../../../node/conversation/unfold.ts';
import { anthropicDialect, anthropicProtocol } from '../../../node/protocols/anthropic/index.ts';
import type { AnswerContext, ClientProtocol, UpstreamDialect } from '../../../node/protocols/contract.ts';
import { openaiChatDialect, openaiChatProtocol } from '../../../node/protocols/openai-chat/index.ts';
import * as chat from './openai-chat/arbitraries.ts';

interface Side {
  client: ClientProtocol;
  upstream: UpstreamDialect;
}

const anthropic: Side = { client: anthropicProtocol, upstream: anthropicDialect };
const openai: Side = { client: openaiChatProtocol, upstream: openaiChatDialect };
const traits = { defaultMaxTokens: 4000 };
const context: AnswerContext = {
  model: 'm',
  requestId: 'r1',
  framing: 'sse',
  includeUsage: true,
  nowMs: 1_700_000_000_000,
};

/** Text that says something: Anthropic refuses white space alone. */
function saysSomething(parts: readonly Part[]): boolean {
  return parts.every((part) => part.type !== 'text' || (part.text.trim() !== '' && part.text === part.text.trim()));
}

const conversation = chat.conversation
  .filter(({ system, messages }) => saysSomething(system) && messages.every(({ parts }) => saysSomething(parts)))
  .filter(({ messages }) => messages.every(({ parts }) => parts.every(isShared)))
  .map((from) => sharedFields(from));

/** Anthropic has no audio, and no `detail` beside an image. */
function isShared(part: Part): boolean {
  if (part.type === 'tool_result') return saysSomething(part.content);
  return part.type !== 'audio' && !(part.type === 'image' && part.detail !== undefined);
}

function sharedFields(from: Conversation): Conversation {
  const { model, system, messages, tools, stop, stream, temperature = 1, maxTokens = 50 } = from;
  const shared: Conversation = {
    model,
    system,
    messages,
    tools: tools.map(({ name, schema }) => ({ name, schema })),
    stop: stop.filter((sequence) => sequence.trim() !== ''),
    stream,
    temperature: Math.min(1, temperature),
    maxTokens,
    dropped: [],
  };
  if (tools.length > 0 && from.toolChoice !== undefined) shared.toolChoice = from.toolChoice;
  return shared;
}

/** Through one dialect's request and back. */
function through(side: Side, conversation: Conversation): Conversation {
  const { body } = side.upstream.encodeRequest(conversation, traits);
  const sent = JSON.parse(JSON.stringify(body)) as JsonObject;
  return side.client.decodeRequest(sent, { model: conversation.model, stream: conversation.stream });
}

/** Neighbours of one role are one message, and arguments are what they say, however they are spaced. */
function normal(conversation: Conversation): unknown {
  const messages: Message[] = [];
  for (const { role, parts } of conversation.messages) {
    const last = messages.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else messages.push({ role, parts: [...parts] });
  }
  return { ...conversation, messages: messages.map(({ role, parts }) => ({ role, parts: parts.map(normalPart) })) };
}

function normalPart(part: Part): unknown {
  return part.type === 'tool_call' ? { ...part, argumentsJson: JSON.parse(part.argumentsJson) as unknown } : part;
}

describe('a conversation', () => {
  it.each([
    ['Anthropic, then OpenAI', [anthropic, openai]],
    ['OpenAI, then Anthropic', [openai, anthropic]],
  ])('is the same after %s', (_, sides) => {
    fc.assert(
      fc.property(conversation, (conversation) => {
        const sent = sides.reduce((carried, side) => through(side, carried), conversation);
        expect(normal(sent)).toEqual(normal(conversation));
      }),
    );
  });
});

/** Anthropic tells uncached, read and written tokens apart, so that the total is at least what the cache had. */
const usage: fc.Arbitrary<Usage> = fc
  .record({
    fresh: fc.nat(1000),
    cacheRead: fc.nat(1000),
    cacheWrite: fc.nat(1000),
    outputTotal: fc.integer({ min: 1, max: 1000 }),
  })
  .map(({ fresh, ...rest }) => Object.assign(rest, { inputTotal: fresh + rest.cacheRead + rest.cacheWrite }));

const answer: fc.Arbitrary<Answer> = fc
  .tuple(chat.answer, usage)
  .filter(([{ parts }]) => parts.every((part) => part.type !== 'image' && (part.type !== 'thinking' || part.signature)))
  .map(([{ id, model, parts, finish }, usage]) => ({ id, model, parts, finish, usage }));

/** Streamed to a client of the dialect, and read back as if that were an upstream. */
function streamed(side: Side, events: readonly StreamEvent[]): StreamEvent[] {
  const encoder = side.client.openEncoder(context);
  const text = events.map((event) => encoder.push(event)).join('') + encoder.end();
  const decoder = side.upstream.openDecoder();
  const read: StreamEvent[] = [];
  decoder.push(Buffer.from(text), read);
  decoder.end(read);
  expect(orderBreach(read)).toBeUndefined();
  return read;
}

function whole(side: Side, answer: Answer): Answer {
  return side.upstream.decodeAnswer(
    JSON.parse(JSON.stringify(side.client.encodeAnswer(answer, context))) as JsonObject,
  );
}

/** Ids of answers are the client's dialect's own affair. */
function said({ parts, finish, usage }: Answer): unknown {
  return { parts: parts.map(normalPart), finish, usage };
}

describe('an answer', () => {
  it.each([
    ['Anthropic, then OpenAI', [anthropic, openai]],
    ['OpenAI, then Anthropic', [openai, anthropic]],
  ])('is the same, streamed or whole, after %s', (_, sides) => {
    fc.assert(
      fc.property(answer, (answer) => {
        const events = sides.reduce<StreamEvent[]>((carried, side) => streamed(side, carried), unfold(answer));
        expect(said(fold(events))).toEqual(said(answer));
        expect(said(sides.reduce((carried, side) => whole(side, carried), answer))).toEqual(said(answer));
      }),
    );
  });
});
