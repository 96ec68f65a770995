import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { sniffImage } from '../image-facts.ts';
import { countTokens, type Prompt } from '../prompt.ts';
import type { Turn } from './check-contents.ts';

const texts = (parts: readonly JsonObject[]): string =>
  parts
    .filter((part) => typeof part.text === 'string' && part.thought !== true)
    .map((part) => String(part.text))
    .join('\n');

/** Reads a checked body. */
export function readPrompt(model: string, body: JsonObject, turns: readonly Turn[], config: JsonObject): Prompt {
  const last = turns.findLast((turn) => turn.role === 'user')?.parts ?? [];
  const system = isJsonObject(body.systemInstruction) ? body.systemInstruction.parts : [];
  const thinking = isJsonObject(config.thinkingConfig) ? config.thinkingConfig : {};
  const choice = choiceOf(body);
  return {
    model,
    system: texts((Array.isArray(system) ? system : []).filter(isJsonObject)),
    text: texts(last),
    results: last
      .map((part) => part.functionResponse)
      .filter(isJsonObject)
      .map(resultOf),
    images: last.flatMap(imagesOf),
    roles: turns.map((turn) => (turn.role === 'model' ? 'a' : 'u')).join(''),
    tools: declarationsOf(body),
    forced: choice.mode === 'ANY' ? (choice.names[0] ?? true) : undefined,
    forbidsTools: choice.mode === 'NONE',
    forbidsParallel: false,
    maxTokens: typeof config.maxOutputTokens === 'number' ? config.maxOutputTokens : undefined,
    stop: Array.isArray(config.stopSequences) ? config.stopSequences.map(String) : [],
    wantsThinking: thinking.includeThoughts === true,
    jsonSchema: schemaOf(config),
    inputTokens:
      countTokens(JSON.stringify(body.contents)) +
      (body.systemInstruction === undefined ? 0 : countTokens(JSON.stringify(body.systemInstruction))) +
      (body.tools === undefined ? 0 : countTokens(JSON.stringify(body.tools))),
    cachePrefix: undefined,
  };
}

function schemaOf(config: JsonObject): JsonObject | undefined {
  if (config.responseMimeType !== 'application/json') return undefined;
  const schema = config.responseSchema ?? config.responseJsonSchema;
  return isJsonObject(schema) ? schema : {};
}

function choiceOf({ toolConfig }: JsonObject): { mode: string; names: string[] } {
  const config = isJsonObject(toolConfig) ? toolConfig.functionCallingConfig : undefined;
  if (!isJsonObject(config)) return { mode: 'AUTO', names: [] };
  const names = Array.isArray(config.allowedFunctionNames) ? config.allowedFunctionNames.map(String) : [];
  return { mode: String(config.mode), names };
}

function declarationsOf({ tools }: JsonObject): Prompt['tools'] {
  return (Array.isArray(tools) ? tools : [])
    .filter(isJsonObject)
    .flatMap((tool) => (Array.isArray(tool.functionDeclarations) ? tool.functionDeclarations : []))
    .filter(isJsonObject)
    .map((one) => {
      const schema = one.parametersJsonSchema ?? one.parameters;
      return { name: String(one.name), schema: isJsonObject(schema) ? schema : {} };
    });
}

/** All texts that a response holds, whatever its members are called. */
function resultOf(response: JsonObject): Prompt['results'][number] {
  const value = isJsonObject(response.response) ? response.response : {};
  const isError = value.error !== undefined;
  return { callId: String(response.id ?? ''), text: leaves(value).join(' '), isError };
}

function leaves(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(leaves);
  if (isJsonObject(value)) return Object.values(value).flatMap(leaves);
  return value === undefined || value === null ? [] : [String(value)];
}

/** In the turn itself, by address, or within what a function gave. */
function imagesOf({ inlineData, fileData, functionResponse }: JsonObject): Prompt['images'] {
  if (isJsonObject(inlineData)) return [imageOf(inlineData)];
  if (isJsonObject(fileData)) return [{ mediaType: String(fileData.fileUri), bytes: 0 }];
  const parts = isJsonObject(functionResponse) ? functionResponse.parts : undefined;
  return Array.isArray(parts) ? parts.filter(isJsonObject).flatMap(imagesOf) : [];
}

function imageOf(inline: JsonObject): Prompt['images'][number] {
  return sniffImage(String(inline.data)) ?? { mediaType: String(inline.mimeType), bytes: 0 };
}
