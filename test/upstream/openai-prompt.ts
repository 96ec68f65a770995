import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { sniffImage } from './image-facts.ts';
import { countTokens, type Prompt } from './prompt.ts';

/** Reads a checked body of Chat Completions. */
export function readChatPrompt(body: JsonObject): Prompt {
  const messages = (Array.isArray(body.messages) ? body.messages : []).filter(isJsonObject);
  const lastUser = messages.findLast((message) => message.role === 'user');
  const tail = messages.slice(messages.findLastIndex((message) => message.role === 'assistant') + 1);
  const choice = body.tool_choice;
  const forcedName = isJsonObject(choice) && isJsonObject(choice.function) ? String(choice.function.name) : undefined;
  const maxTokens = body.max_completion_tokens ?? body.max_tokens;
  return {
    model: String(body.model),
    system: messages
      .filter(isSystem)
      .map((message) => textOf(message.content))
      .join('\n'),
    text: textOf(lastUser?.content),
    results: tail
      .filter((message) => message.role === 'tool')
      .map((message) => ({ callId: String(message.tool_call_id), text: textOf(message.content), isError: false })),
    images: tail.flatMap((message) => imagesOf(message.content)),
    roles: messages.map((message) => (message.role === 'developer' ? 's' : String(message.role).charAt(0))).join(''),
    tools: (Array.isArray(body.tools) ? body.tools : []).filter(isJsonObject).map((tool) => toolOf(tool.function)),
    forced: forcedName ?? (choice === 'required' ? true : undefined),
    forbidsTools: choice === 'none',
    forbidsParallel: body.parallel_tool_calls === false,
    maxTokens: typeof maxTokens === 'number' ? maxTokens : undefined,
    stop: typeof body.stop === 'string' ? [body.stop] : Array.isArray(body.stop) ? body.stop.map(String) : [],
    // The vendor keeps its reasoning to itself in this API.
    wantsThinking: false,
    jsonSchema: schemaOf(body.response_format),
    inputTokens:
      countTokens(JSON.stringify(body.messages)) +
      (body.tools === undefined ? 0 : countTokens(JSON.stringify(body.tools))),
    cachePrefix: JSON.stringify([
      body.model,
      body.tools,
      messages[0],
      lastUser === messages[1] ? '' : messages[1],
    ]).slice(0, 4096),
  };
}

const isSystem = (message: JsonObject): boolean => message.role === 'system' || message.role === 'developer';

/** A tool as Chat or Responses writes it. */
export function toolOf(definition: Json | undefined): Prompt['tools'][number] {
  const known = isJsonObject(definition) ? definition : {};
  return { name: String(known.name), schema: isJsonObject(known.parameters) ? known.parameters : {} };
}

function schemaOf(format: Json | undefined): JsonObject | undefined {
  if (!isJsonObject(format) || format.type === 'text') return undefined;
  return isJsonObject(format.json_schema) && isJsonObject(format.json_schema.schema) ? format.json_schema.schema : {};
}

/** Text of a content: a string or parts (`text`, `input_text`, `output_text`). */
export function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .filter(isJsonObject)
    .filter((part) => typeof part.text === 'string')
    .map((part) => String(part.text))
    .join('\n');
}

/** Images of a content, in Chat's and in Responses' form. */
export function imagesOf(content: Json | undefined): Prompt['images'] {
  if (!Array.isArray(content)) return [];
  return content.filter(isJsonObject).flatMap((part) => {
    const url = isJsonObject(part.image_url) ? part.image_url.url : part.image_url;
    if (typeof url !== 'string') return [];
    const data = /^data:[^,]*;base64,(.*)$/s.exec(url)?.[1];
    return [
      data === undefined ? { mediaType: url, bytes: 0 } : (sniffImage(data) ?? { mediaType: 'unknown', bytes: 0 }),
    ];
  });
}
