import type OpenAI from 'openai';
import type { Ask, Door, Heard, Speaker, Turn } from '../contract.ts';
import { askOpenai } from './openai-client.ts';

const finishes: Record<string, Heard['finish']> = { stop: 'stop', tool_calls: 'calls', length: 'length' };

/** What the client keeps of a turn, with the reasoning that the SDK's types do not know. */
interface Kept {
  role: 'assistant';
  content: string | null;
  reasoning_content?: string;
  reasoning_details?: unknown[];
  tool_calls?: OpenAI.ChatCompletionMessageFunctionToolCall[];
}

export const openaiChatSpeaker: Speaker = {
  id: 'openai-chat',
  title: 'OpenAI Chat',
  cannot: {
    'the error flag of a result': 'Chat Completions has no flag for a tool that failed',
    'an image in a result': 'Chat Completions takes text alone in a tool message',
  },
  rateLimitKind: 'rate_limit_error',
  ask(door: Door, ask: Ask, isStream: boolean): Promise<Heard> {
    return askOpenai(door, async (client, heard) => {
      if (isStream) await readStream(client, ask, heard);
      else fill(heard, await client.chat.completions.create(bodyOf(ask)));
    });
  },
};

async function readStream(client: OpenAI, ask: Ask, heard: Heard): Promise<void> {
  const stream = await client.chat.completions.create({
    ...bodyOf(ask),
    stream: true,
    stream_options: { include_usage: true },
  });
  const kept: Kept = { role: 'assistant', content: null };
  for await (const chunk of stream) {
    heard.model = chunk.model;
    noteUsage(heard, chunk.usage ?? undefined);
    const [choice] = chunk.choices;
    if (choice === undefined) continue;
    heard.finish = finishes[String(choice.finish_reason)] ?? heard.finish;
    join(kept, choice.delta as Delta);
    if (choice.delta.content) heard.pieces++;
    heard.text = kept.content ?? '';
  }
  noteMessage(heard, kept);
}

interface Delta {
  content?: string | null;
  reasoning_content?: string;
  reasoning_details?: unknown[];
  tool_calls?: {
    index: number;
    id?: string;
    function?: { name?: string; arguments?: string };
    extra_content?: unknown;
  }[];
}

/** Glues a delta to the message, as clients do. */
function join(kept: Kept, delta: Delta): void {
  if (delta.content) kept.content = (kept.content ?? '') + delta.content;
  if (delta.reasoning_content) kept.reasoning_content = (kept.reasoning_content ?? '') + delta.reasoning_content;
  if (delta.reasoning_details) kept.reasoning_details = [...(kept.reasoning_details ?? []), ...delta.reasoning_details];
  for (const { index, id, function: said, ...more } of delta.tool_calls ?? []) {
    kept.tool_calls ??= [];
    kept.tool_calls[index] ??= { id: '', type: 'function', function: { name: '', arguments: '' }, ...more };
    const call = kept.tool_calls[index];
    if (id) call.id = id;
    if (said?.name) call.function.name += said.name;
    call.function.arguments += said?.arguments ?? '';
  }
}

function fill(heard: Heard, answer: OpenAI.ChatCompletion): void {
  heard.model = answer.model;
  noteUsage(heard, answer.usage);
  const [choice] = answer.choices;
  if (choice === undefined) return;
  heard.finish = finishes[choice.finish_reason];
  noteMessage(heard, choice.message as Kept);
}

function noteMessage(heard: Heard, message: Kept): void {
  // Reasoning without a signature has no place in the API's own history, and strict servers refuse it.
  const { reasoning_content: _, ...plain } = message;
  heard.kept = message.reasoning_details === undefined ? plain : message;
  heard.text = message.content ?? '';
  heard.thinking = message.reasoning_content ?? '';
  heard.calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: text } }) => ({
    id,
    name,
    input: JSON.parse(text) as unknown,
  }));
}

function noteUsage(heard: Heard, usage: OpenAI.CompletionUsage | undefined): void {
  if (usage === undefined) return;
  heard.inputTokens = usage.prompt_tokens;
  heard.outputTokens = usage.completion_tokens;
}

function bodyOf(ask: Ask): OpenAI.ChatCompletionCreateParamsNonStreaming {
  const system: OpenAI.ChatCompletionMessageParam[] =
    ask.system === undefined ? [] : [{ role: 'system', content: ask.system }];
  return {
    model: ask.model,
    messages: [...system, ...ask.turns.flatMap(messagesOf)],
    ...(ask.stop === undefined ? {} : { stop: [...ask.stop] }),
    ...(ask.thinking ? { reasoning_effort: 'low' as const } : {}),
    ...(ask.tools === undefined
      ? {}
      : {
          tools: ask.tools.map(({ name, description, schema }) => ({
            type: 'function' as const,
            function: { name, description, parameters: schema },
          })),
        }),
  };
}

function messagesOf(turn: Turn): OpenAI.ChatCompletionMessageParam[] {
  if (turn.by === 'model') return [turn.kept as Kept];
  if (turn.by === 'tools') {
    return turn.results.map(({ call, text }) => ({ role: 'tool', tool_call_id: call.id, content: text }));
  }
  if (turn.image === undefined) return [{ role: 'user', content: turn.text }];
  const url = 'url' in turn.image ? turn.image.url : `data:${turn.image.mediaType};base64,${turn.image.base64}`;
  return [
    {
      role: 'user',
      content: [
        { type: 'text', text: turn.text },
        { type: 'image_url', image_url: { url } },
      ],
    },
  ];
}
