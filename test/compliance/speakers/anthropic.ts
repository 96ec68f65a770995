import Anthropic, { APIError } from '@anthropic-ai/sdk';
import type { Ask, Door, Failure, Heard, ImageSource, Speaker, ToolResult, Turn } from '../contract.ts';
import { fetchWithHeaders, noteHeaders, nothingHeard, secondsOf } from '../nothing-heard.ts';

const finishes: Record<string, Heard['finish']> = {
  end_turn: 'stop',
  stop_sequence: 'stop_sequence',
  tool_use: 'calls',
  max_tokens: 'length',
};

export const anthropicSpeaker: Speaker = {
  id: 'anthropic',
  title: 'Anthropic Messages',
  cannot: {},
  rateLimitKind: 'rate_limit_error',
  async ask({ url, key }: Door, ask: Ask, isStream: boolean): Promise<Heard> {
    const wire = fetchWithHeaders();
    const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0, fetch: wire.fetch });
    const heard = nothingHeard();
    try {
      if (isStream) {
        const stream = client.messages.stream(bodyOf(ask));
        stream.on('text', (delta) => {
          heard.text += delta;
          heard.pieces++;
        });
        fill(heard, await stream.finalMessage());
      } else fill(heard, await client.messages.create(bodyOf(ask)));
    } catch (error) {
      heard.failure = failureOf(error);
    }
    noteHeaders(heard, wire.last());
    return heard;
  },
};

function fill(heard: Heard, message: Anthropic.Message): void {
  heard.text = message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  heard.thinking = message.content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join('');
  heard.calls = message.content.filter((block) => block.type === 'tool_use');
  heard.finish = finishes[String(message.stop_reason)];
  heard.model = message.model;
  heard.inputTokens = message.usage.input_tokens;
  heard.outputTokens = message.usage.output_tokens;
  heard.kept = message.content;
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof APIError)) throw error;
  const body = error.error as { error?: { type?: string; message?: string } } | undefined;
  return {
    status: error.status,
    kind: body?.error?.type ?? '',
    message: body?.error?.message ?? error.message,
    retryAfterSeconds: secondsOf(error.headers),
  };
}

function bodyOf(ask: Ask): Anthropic.MessageCreateParamsNonStreaming {
  return {
    model: ask.model,
    max_tokens: 4000,
    messages: ask.turns.map(messageOf),
    ...(ask.system === undefined ? {} : { system: ask.system }),
    ...(ask.stop === undefined ? {} : { stop_sequences: [...ask.stop] }),
    ...(ask.thinking ? { thinking: { type: 'enabled' as const, budget_tokens: 1024 } } : {}),
    ...(ask.tools === undefined
      ? {}
      : {
          tools: ask.tools.map(({ name, description, schema }) => ({
            name,
            description,
            input_schema: schema as Anthropic.Tool.InputSchema,
          })),
        }),
  };
}

function messageOf(turn: Turn): Anthropic.MessageParam {
  if (turn.by === 'model') return { role: 'assistant', content: turn.kept as Anthropic.ContentBlockParam[] };
  if (turn.by === 'tools') return { role: 'user', content: turn.results.map(resultOf) };
  const text: Anthropic.TextBlockParam = { type: 'text', text: turn.text };
  return { role: 'user', content: turn.image === undefined ? [text] : [imageOf(turn.image), text] };
}

function imageOf(image: ImageSource): Anthropic.ImageBlockParam {
  if ('url' in image) return { type: 'image', source: { type: 'url', url: image.url } };
  return { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image.base64 } };
}

function resultOf({ call, text, isError, image }: ToolResult): Anthropic.ToolResultBlockParam {
  const shown = image === undefined ? [] : [imageOf({ base64: image, mediaType: 'image/png' })];
  return {
    type: 'tool_result',
    tool_use_id: call.id,
    content: [{ type: 'text', text }, ...shown],
    ...(isError === undefined ? {} : { is_error: isError }),
  };
}
