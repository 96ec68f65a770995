import type OpenAI from 'openai';
import type { Ask, Door, Heard, ImageSource, Speaker, Turn } from '../contract.ts';
import { askOpenai } from './openai-client.ts';

export const openaiResponsesSpeaker: Speaker = {
  id: 'openai-responses',
  title: 'OpenAI Responses',
  cannot: {
    'stop sequences': 'Responses has no stop sequences',
    'the error flag of a result': 'Responses has no flag for a tool that failed',
  },
  rateLimitKind: 'rate_limit_error',
  ask(door: Door, ask: Ask, isStream: boolean): Promise<Heard> {
    return askOpenai(door, async (client, heard) => {
      if (isStream) await readStream(client, ask, heard);
      else fill(heard, await client.responses.create(bodyOf(ask)));
    });
  },
};

async function readStream(client: OpenAI, ask: Ask, heard: Heard): Promise<void> {
  const stream = await client.responses.create({ ...bodyOf(ask), stream: true });
  for await (const event of stream) {
    if (event.type === 'response.output_text.delta') {
      heard.text += event.delta;
      heard.pieces++;
    }
    if (event.type === 'response.completed' || event.type === 'response.incomplete') fill(heard, event.response);
  }
}

function fill(heard: Heard, response: OpenAI.Responses.Response): void {
  const items = response.output;
  heard.model = response.model;
  heard.text = items
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .map((part) => (part.type === 'output_text' ? part.text : ''))
    .join('');
  heard.thinking = items
    .flatMap((item) => (item.type === 'reasoning' ? item.summary : []))
    .map((part) => part.text)
    .join('');
  heard.calls = items
    .filter((item) => item.type === 'function_call')
    .map((item) => ({ id: item.call_id, name: item.name, input: JSON.parse(item.arguments) as unknown }));
  heard.finish = response.status === 'incomplete' ? 'length' : heard.calls.length > 0 ? 'calls' : 'stop';
  heard.inputTokens = response.usage?.input_tokens;
  heard.outputTokens = response.usage?.output_tokens;
  heard.kept = items;
}

function bodyOf(ask: Ask): OpenAI.Responses.ResponseCreateParamsNonStreaming {
  return {
    model: ask.model,
    store: false,
    include: ['reasoning.encrypted_content'],
    input: ask.turns.flatMap(itemsOf),
    ...(ask.system === undefined ? {} : { instructions: ask.system }),
    ...(ask.thinking ? { reasoning: { effort: 'low' as const, summary: 'auto' as const } } : {}),
    ...(ask.tools === undefined
      ? {}
      : {
          tools: ask.tools.map(({ name, description, schema }) => ({
            type: 'function' as const,
            name,
            description,
            parameters: schema,
            strict: false,
          })),
        }),
  };
}

function itemsOf(turn: Turn): OpenAI.Responses.ResponseInputItem[] {
  if (turn.by === 'model') return turn.kept as OpenAI.Responses.ResponseInputItem[];
  if (turn.by === 'tools') {
    return turn.results.map(({ call, text, image }) => ({
      type: 'function_call_output',
      call_id: call.id,
      output:
        image === undefined ? text : [{ type: 'input_text', text }, imageOf({ base64: image, mediaType: 'image/png' })],
    }));
  }
  const shown = turn.image === undefined ? [] : [imageOf(turn.image)];
  return [{ role: 'user', content: [{ type: 'input_text', text: turn.text }, ...shown] }];
}

function imageOf(image: ImageSource): OpenAI.Responses.ResponseInputImage {
  const image_url = 'url' in image ? image.url : `data:${image.mediaType};base64,${image.base64}`;
  return { type: 'input_image', detail: 'auto', image_url };
}
