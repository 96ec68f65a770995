import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { Refusal } from '../refusal.ts';
import { checkSchema } from './check-schema.ts';
import { backendError, invalid, ociError } from './errors.ts';
import { objects } from './objects.ts';
import {
  anything, fields, flag, integer, list, matching, number, oneOf, optional, record, type Shape, text, variants,
} from './shape.ts'; // prettier-ignore

const url = fields({ url: text });
const part = variants('type', {
  TEXT: { text },
  IMAGE: { imageUrl: fields({ url: text, detail: optional(oneOf('AUTO', 'HIGH', 'LOW')) }) },
  DOCUMENT: { documentUrl: url },
  AUDIO: { audioUrl: url },
  VIDEO: { videoUrl: url },
});
const content = optional(list(part));
const call = fields({ id: text, type: oneOf('FUNCTION'), name: text, arguments: text });
const spoken = { content, name: optional(text) };
const message = variants('role', {
  SYSTEM: spoken,
  DEVELOPER: spoken,
  USER: spoken,
  ASSISTANT: {
    ...spoken,
    toolCalls: optional(list(call)),
    refusal: optional(text),
    annotations: optional(list(record)),
    reasoningContent: optional(text),
  },
  TOOL: { content: optional(list(variants('type', { TEXT: { text } }))), toolCallId: text },
});
const tool = fields({
  type: oneOf('FUNCTION'),
  name: matching(/^[A-Za-z0-9_-]{1,64}$/),
  description: optional(text),
  parameters: optional(record),
});

/** `chatRequest` of the generic format (§ GENERIC of the API's reference). */
export const genericShape: Shape = fields({
  apiFormat: oneOf('GENERIC'),
  messages: list(message, Infinity, 1),
  tools: optional(list(tool, 128)),
  toolChoice: optional(variants('type', { AUTO: {}, NONE: {}, REQUIRED: {}, FUNCTION: { name: text } })),
  isParallelToolCalls: optional(flag),
  maxTokens: optional(integer(1)),
  maxCompletionTokens: optional(integer(1)),
  temperature: optional(number(0, 2)),
  topP: optional(number(0, 1)),
  topK: optional(integer(-1)),
  frequencyPenalty: optional(number(-2, 2)),
  presencePenalty: optional(number(-2, 2)),
  seed: optional(integer()),
  logitBias: optional(record),
  logProbs: optional(integer(0)),
  numGenerations: optional(integer(1, 5)),
  isEcho: optional(flag),
  stop: optional(list(text)),
  responseFormat: optional(
    variants('type', {
      TEXT: {},
      JSON_OBJECT: {},
      JSON_SCHEMA: {
        jsonSchema: fields({
          name: text,
          description: optional(text),
          schema: optional(record),
          isStrict: optional(flag),
        }),
      },
    }),
  ),
  reasoningEffort: optional(oneOf('NONE', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH')),
  verbosity: optional(oneOf('LOW', 'MEDIUM', 'HIGH')),
  isStream: optional(flag),
  streamOptions: optional(fields({ isIncludeUsage: optional(flag) })),
  metadata: optional(anything),
  prediction: optional(anything),
  webSearchOptions: optional(anything),
  serviceTier: optional(oneOf('AUTO', 'DEFAULT', 'PRIORITY')),
});

/** What the shape does not say: turns, and what each family's backend refuses. */
export function checkGeneric(request: JsonObject, model: string): void {
  const messages = objects(request['messages']);
  checkCalls(messages, model);
  for (const each of messages) checkContent(each, model);
  for (const each of objects(request['tools'])) {
    if (isJsonObject(each['parameters'])) checkSchema(each['parameters'], model, `tools.${String(each['name'])}`);
  }
  checkBounds(request, model);
  checkSampling(request, model);
}

/** Each result follows the turn with its call, and each call has its result; Gemini takes one pair at a time. */
function checkCalls(messages: readonly JsonObject[], model: string): void {
  let open = new Set<string>();
  for (const each of messages) {
    if (each['role'] === 'TOOL') {
      if (!open.delete(String(each['toolCallId']))) invalid('messages: a tool message without its call');
      continue;
    }
    if (open.size > 0) invalid('messages: a call without its tool message');
    const calls = objects(each['toolCalls']);
    if (model.startsWith('google.') && calls.length > 1) {
      const says = 'the number of function response parts must equal the number of function call parts';
      throw new Refusal(backendError(`Please ensure that ${says} of the function call turn.`, 'INVALID_ARGUMENT'));
    }
    open = new Set(calls.map((one) => String(one['id'])));
    if (open.size !== calls.length) invalid('messages: two calls with one id');
    for (const one of calls) checkArguments(one['arguments']);
  }
  if (open.size > 0) invalid('messages: a call without its tool message');
}

function checkArguments(json: Json | undefined): void {
  try {
    if (isJsonObject(JSON.parse(String(json)))) return;
  } catch {
    // Refused below, like JSON that is no object.
  }
  invalid('messages: arguments are not the JSON text of an object');
}

function checkContent(message: JsonObject, model: string): void {
  const { role, content } = message;
  const isEmpty = !Array.isArray(content) || content.length === 0;
  // Seen of Gemini's backend: a null pointer.
  if (model.startsWith('google.') && (isEmpty || objects(content).some((each) => each['text'] === ''))) {
    throw new Refusal(ociError(500, 'InternalServerError', 'Internal error occurred'));
  }
  const mayBeEmpty = role === 'ASSISTANT' && objects(message['toolCalls']).length > 0;
  if (isEmpty && !mayBeEmpty) invalid(`messages: a message of ${String(role)} without content`);
}

/** OpenAI's own models take the newer bound only; the open ones do not mind. */
const isOpenai = (model: string): boolean => model.startsWith('openai.') && !model.startsWith('openai.gpt-oss');

function checkBounds({ maxTokens, maxCompletionTokens }: JsonObject, model: string): void {
  if (maxTokens !== undefined && isOpenai(model)) {
    const says =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    throw new Refusal(backendError(says, 'unsupported_parameter', 'max_tokens'));
  }
  if (maxTokens !== undefined && maxCompletionTokens !== undefined) invalid('maxTokens and maxCompletionTokens');
  if (maxTokens === undefined && maxCompletionTokens === undefined) invalid('maxTokens: missing');
}

function checkSampling({ temperature, topP, reasoningEffort }: JsonObject, model: string): void {
  const isFixed = model.startsWith('openai.gpt-5');
  for (const [value, name] of [
    [temperature, 'temperature'],
    [topP, 'top_p'],
  ] as const) {
    if (!isFixed || value === undefined || value === 1) continue;
    const says = `Unsupported value: '${name}' does not support ${String(value)} with this model.`;
    throw new Refusal(backendError(says, 'unsupported_value', name));
  }
  if (reasoningEffort !== undefined && model.startsWith('xai.grok-4')) {
    throw new Refusal(
      backendError("Unsupported parameter: 'reasoning_effort'", 'unsupported_parameter', 'reasoning_effort'),
    );
  }
}
