import { ApiError, type Content, GoogleGenAI, type GenerateContentResponse, type Part } from '@google/genai';
import type { Ask, Door, Failure, Heard, ImageSource, Speaker, ToolResult, Turn } from '../contract.ts';
import { noteHeaders, nothingHeard } from '../nothing-heard.ts';

export const geminiSpeaker: Speaker = {
  id: 'gemini',
  title: 'Gemini',
  cannot: {
    'the error flag of a result': 'Gemini has no flag for a tool that failed: its `response` has a member `error`',
  },
  rateLimitKind: 'RESOURCE_EXHAUSTED',
  async ask({ url, key }: Door, ask: Ask, isStream: boolean): Promise<Heard> {
    const { models } = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
    const heard = nothingHeard();
    const parts: Part[] = [];
    try {
      if (isStream) for await (const chunk of await models.generateContentStream(callOf(ask))) add(heard, parts, chunk);
      else add(heard, parts, await models.generateContent(callOf(ask)));
    } catch (error) {
      heard.failure = failureOf(error, parts.length > 0);
    }
    heard.kept = { role: 'model', parts };
    return heard;
  },
};

function add(heard: Heard, kept: Part[], chunk: GenerateContentResponse): void {
  noteHeaders(heard, new Headers(chunk.sdkHttpResponse?.headers));
  const [candidate] = chunk.candidates ?? [];
  const parts = candidate?.content?.parts ?? [];
  kept.push(...parts);
  for (const part of parts) addPart(heard, part);
  if (candidate?.finishReason !== undefined) {
    heard.finish = candidate.finishReason === 'MAX_TOKENS' ? 'length' : heard.calls.length > 0 ? 'calls' : 'stop';
  }
  heard.model = chunk.modelVersion ?? heard.model;
  heard.inputTokens = chunk.usageMetadata?.promptTokenCount ?? heard.inputTokens;
  const { candidatesTokenCount, thoughtsTokenCount = 0 } = chunk.usageMetadata ?? {};
  if (candidatesTokenCount !== undefined) heard.outputTokens = candidatesTokenCount + thoughtsTokenCount;
}

function addPart(heard: Heard, { text, thought, functionCall }: Part): void {
  if (text !== undefined && thought) heard.thinking += text;
  else if (text) {
    heard.text += text;
    heard.pieces++;
  }
  if (functionCall === undefined) return;
  heard.calls.push({ id: functionCall.id ?? '', name: functionCall.name ?? '', input: functionCall.args });
}

/** The SDK gives the body of an error as its message, alone or after words of its own. */
function failureOf(error: unknown, hasBegun: boolean): Failure {
  if (!(error instanceof Error)) throw error;
  const isApiError = error instanceof ApiError;
  const text = error.message.slice(Math.max(0, error.message.indexOf('{')));
  let body: { error?: { status?: string; message?: string; details?: { retryDelay?: string }[] } };
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    throw error;
  }
  const delay = body.error?.details?.find(({ retryDelay }) => retryDelay !== undefined)?.retryDelay;
  return {
    status: isApiError && !hasBegun ? error.status : undefined,
    kind: body.error?.status ?? '',
    message: JSON.stringify(body.error),
    retryAfterSeconds: delay === undefined ? undefined : Number.parseFloat(delay),
  };
}

function callOf(ask: Ask) {
  return {
    model: ask.model,
    contents: ask.turns.map(contentOf),
    config: {
      ...(ask.system === undefined ? {} : { systemInstruction: ask.system }),
      ...(ask.stop === undefined ? {} : { stopSequences: [...ask.stop] }),
      ...(ask.thinking ? { thinkingConfig: { includeThoughts: true } } : {}),
      ...(ask.tools === undefined
        ? {}
        : {
            tools: [
              {
                functionDeclarations: ask.tools.map(({ name, description, schema }) => ({
                  name,
                  description,
                  parametersJsonSchema: schema,
                })),
              },
            ],
          }),
    },
  };
}

function contentOf(turn: Turn): Content {
  if (turn.by === 'model') return turn.kept as Content;
  if (turn.by === 'tools') return { role: 'user', parts: turn.results.map(responseOf) };
  const shown = turn.image === undefined ? [] : [imageOf(turn.image)];
  return { role: 'user', parts: [{ text: turn.text }, ...shown] };
}

function imageOf(image: ImageSource): Part {
  if ('url' in image) return { fileData: { fileUri: image.url, mimeType: 'image/png' } };
  return { inlineData: { mimeType: image.mediaType, data: image.base64 } };
}

function responseOf({ call, text, image }: ToolResult): Part {
  const shown = image === undefined ? {} : { parts: [{ inlineData: { mimeType: 'image/png', data: image } }] };
  return {
    functionResponse: {
      name: call.name,
      response: { output: text },
      ...shown,
      ...(call.id === '' ? {} : { id: call.id }),
    },
  };
}
