import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { sniffImage } from '../image-facts.ts';
import { countTokens, type Prompt } from '../prompt.ts';
import type { ChatCall } from './check-envelope.ts';
import { objects } from './objects.ts';

/** Reads a checked chat request of any of the three formats. */
export function readPrompt(call: ChatCall): Prompt {
  const own = call.format === 'COHERE' ? cohere(call.request) : messagesOf(call);
  const { request, model } = call;
  const { responseFormat: format, isParallelToolCalls, thinking } = request;
  const maxTokens = request['maxTokens'] ?? request['maxCompletionTokens'];
  const stop = request['stop'] ?? request['stopSequences'];
  const counted = JSON.stringify([request['messages'], request['chatHistory'], request['message'], request['tools']]);
  return {
    model,
    forced: undefined,
    forbidsTools: false,
    forbidsParallel: isParallelToolCalls === false,
    maxTokens: typeof maxTokens === 'number' ? maxTokens : undefined,
    stop: Array.isArray(stop) ? stop.map(String) : [],
    wantsThinking: isJsonObject(thinking) && thinking['type'] === 'ENABLED',
    jsonSchema: schemaOf(format),
    inputTokens: countTokens(counted),
    cachePrefix: undefined,
    ...own,
  };
}

type Own = Pick<Prompt, 'system' | 'text' | 'results' | 'images' | 'roles' | 'tools'> &
  Partial<Pick<Prompt, 'forced' | 'forbidsTools'>>;

/** The formats with `messages`. */
function messagesOf({ format, model, request }: ChatCall): Own {
  const messages = objects(request['messages']);
  const isSystem = ({ role }: JsonObject) => role === 'SYSTEM' || role === 'DEVELOPER';
  // Gemini is told of calls made together one after another.
  const isEarlier = ({ role, toolCalls }: JsonObject) =>
    role === 'ASSISTANT' && !(model.startsWith('google.') && objects(toolCalls).length > 0);
  const tail = messages.slice(messages.findLastIndex(isEarlier) + 1);
  const tools = objects(request['tools']).map((tool) => (isJsonObject(tool['function']) ? tool['function'] : tool));
  return {
    system: messages.filter(isSystem).map(textOf).join('\n'),
    text: textOf(messages.findLast(({ role }) => role === 'USER')),
    results: tail
      .filter(({ role }) => role === 'TOOL')
      .map((message) => ({ callId: String(message['toolCallId']), text: textOf(message), isError: false })),
    images: tail.flatMap(imagesOf),
    roles: messages
      .map((message) => (isSystem(message) ? 's' : String(message['role']).charAt(0).toLowerCase()))
      .join(''),
    tools: tools.map(({ name, parameters }) => ({
      name: String(name),
      schema: isJsonObject(parameters) ? parameters : {},
    })),
    ...(format === 'GENERIC' ? genericChoice(request['toolChoice']) : v2Choice(request['toolsChoice'])),
  };
}

function genericChoice(choice: Json | undefined): Pick<Prompt, 'forced' | 'forbidsTools'> {
  const type = isJsonObject(choice) ? choice['type'] : undefined;
  const name = isJsonObject(choice) && type === 'FUNCTION' ? String(choice['name']) : undefined;
  return { forced: name ?? (type === 'REQUIRED' ? true : undefined), forbidsTools: type === 'NONE' };
}

function v2Choice(choice: Json | undefined): Pick<Prompt, 'forced' | 'forbidsTools'> {
  return { forced: choice === 'REQUIRED' ? true : undefined, forbidsTools: choice === 'NONE' };
}

const jsonTypes: Readonly<Record<string, string>> = {
  str: 'string',
  int: 'integer',
  float: 'number',
  bool: 'boolean',
  list: 'array',
  dict: 'object',
};

function cohere(request: JsonObject): Own {
  const history = objects(request['chatHistory']);
  const fresh = history.slice(history.findLastIndex(({ role }) => role === 'CHATBOT') + 1);
  const results = [...fresh.flatMap((turn) => objects(turn['toolResults'])), ...objects(request['toolResults'])];
  const system = history.filter(({ role }) => role === 'SYSTEM').map(({ message }) => String(message));
  const lastUser = history.findLast(({ role }) => role === 'USER');
  const letters: Readonly<Record<string, string>> = { SYSTEM: 's', USER: 'u', CHATBOT: 'a', TOOL: 't' };
  return {
    system: [String(request['preambleOverride'] ?? ''), ...system].filter((each) => each !== '').join('\n'),
    text: String(request['message'] === '' ? (lastUser?.['message'] ?? '') : request['message']),
    results: results.map(({ outputs }) => ({ callId: '', text: outputText(outputs), isError: false })),
    images: [],
    roles: history.map(({ role }) => letters[String(role)]).join('') + (request['message'] === '' ? 't' : 'u'),
    tools: objects(request['tools']).map(({ name, parameterDefinitions }) => ({
      name: String(name),
      schema: schemaOfDefinitions(parameterDefinitions),
    })),
  };
}

/** `{output: "…"}` as text, anything else as JSON. */
function outputText(outputs: Json | undefined): string {
  return objects(outputs)
    .map((output) => {
      const values = Object.values(output);
      return values.length === 1 && typeof values[0] === 'string' ? values[0] : JSON.stringify(output);
    })
    .join('\n');
}

function schemaOfDefinitions(definitions: Json | undefined): JsonObject {
  const given = isJsonObject(definitions) ? Object.entries(definitions) : [];
  const properties: JsonObject = {};
  const required: string[] = [];
  for (const [name, definition] of given) {
    if (!isJsonObject(definition)) continue;
    properties[name] = { type: jsonTypes[String(definition['type'])] ?? 'string' };
    if (definition['isRequired'] === true) required.push(name);
  }
  return { type: 'object', properties, required };
}

function textOf(message: JsonObject | undefined): string {
  return objects(message?.['content'])
    .filter(({ text }) => typeof text === 'string')
    .map(({ text }) => String(text))
    .join('\n');
}

function imagesOf(message: JsonObject): Prompt['images'] {
  return objects(message['content']).flatMap(({ imageUrl }) => {
    const url = isJsonObject(imageUrl) ? String(imageUrl['url']) : undefined;
    if (url === undefined) return [];
    const data = /^data:[^,]*;base64,(.*)$/s.exec(url)?.[1];
    return [
      data === undefined ? { mediaType: url, bytes: 0 } : (sniffImage(data) ?? { mediaType: 'unknown', bytes: 0 }),
    ];
  });
}

function schemaOf(format: Json | undefined): JsonObject | undefined {
  if (!isJsonObject(format) || format['type'] === 'TEXT') return undefined;
  const schema = isJsonObject(format['jsonSchema']) ? format['jsonSchema']['schema'] : format['schema'];
  return isJsonObject(schema) ? schema : {};
}
