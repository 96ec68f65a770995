/** The service's rules for a request, as its error messages and its clients' sources teach them; written without the encoder. */
import { isJsonObject, type Json, type JsonObject } from '../../../../kit/json.ts';

interface Call {
  id: string;
  name: string;
}

/** Every rule that the request breaks, in words. */
export function brokenRules(body: JsonObject): string[] {
  const broken: string[] = [];
  const state = body['conversationState'] as JsonObject;
  const history = (state['history'] ?? []) as JsonObject[];
  const current = state['currentMessage'] as JsonObject;
  const entries = [...history, current];
  entries.forEach((entry, index) => {
    const wanted = index % 2 === 0 ? 'userInputMessage' : 'assistantResponseMessage';
    if (Object.keys(entry).join() !== wanted) broken.push(`entry ${index} is no ${wanted}`);
  });
  if (entries.length % 2 === 0) broken.push('history does not end with the assistant');
  if (broken.length > 0) return broken;
  entries.forEach((entry, index) => {
    const message = Object.values(entry)[0] as JsonObject;
    if (typeof message['content'] !== 'string' || message['content'] === '') broken.push(`entry ${index} is empty`);
    const context = (message['userInputMessageContext'] ?? {}) as JsonObject;
    if (index < entries.length - 1 && context['tools'] !== undefined) broken.push(`entry ${index} declares tools`);
    if (context['toolResults'] !== undefined && (context['toolResults'] as Json[]).length === 0) {
      broken.push(`entry ${index} has an empty list of results`);
    }
  });
  broken.push(...brokenPairs(entries), ...brokenTools(entries), ...brokenText(body, 'body'));
  return broken;
}

function brokenPairs(entries: JsonObject[]): string[] {
  const broken: string[] = [];
  const used = new Set<string>();
  let open: string[] = [];
  entries.forEach((entry, index) => {
    if (index % 2 === 1) {
      open = callsOf(entry).map(({ id }) => id);
      for (const id of open) {
        if (used.has(id)) broken.push(`id ${id} is used twice`);
        used.add(id);
      }
      return;
    }
    const results = resultsOf(entry);
    const answered = results.map((result) => String(result['toolUseId']));
    if (answered.join() !== open.join()) broken.push(`entry ${index} answers ${answered.join()} for ${open.join()}`);
    for (const { status, content } of results) {
      if (status !== 'success' && status !== 'error') broken.push(`status ${String(status)}`);
      if (!Array.isArray(content) || content.length === 0) broken.push('a result without content');
      else if (!content.every((part) => isJsonObject(part) && part['text'] !== '')) broken.push('an empty result');
    }
  });
  return broken;
}

function brokenTools(entries: JsonObject[]): string[] {
  const broken: string[] = [];
  const tools = toolsOf(entries.at(-1)!);
  const names = new Set<string>();
  for (const tool of tools) {
    const { name, description, inputSchema } = tool['toolSpecification'] as JsonObject;
    if (!/^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/.test(String(name))) broken.push(`name ${String(name)}`);
    if (names.has(String(name).toLowerCase())) broken.push(`tool ${String(name)} is declared twice`);
    names.add(String(name).toLowerCase());
    if (typeof description !== 'string' || description.trim() === '') broken.push(`${String(name)} is not described`);
    if (Buffer.byteLength(String(description)) > 10_240) broken.push(`${String(name)} is described at length`);
    const schema = (inputSchema as JsonObject)['json'];
    if (!isJsonObject(schema) || schema['type'] !== 'object') broken.push(`schema of ${String(name)} is no object`);
    else broken.push(...brokenSchema(schema, String(name)));
  }
  for (const [index, entry] of entries.entries()) {
    const calls = callsOf(entry);
    for (const { name } of calls) if (!names.has(name.toLowerCase())) broken.push(`${name} is not declared`);
    if (resultsOf(entry).length > 0 && tools.length === 0) broken.push(`entry ${index} has results, without any tool`);
  }
  return broken;
}

function brokenSchema(schema: JsonObject, name: string): string[] {
  const broken: string[] = [];
  for (const key of ['$schema', '$ref', '$defs', 'definitions', 'additionalProperties']) {
    if (key in schema) broken.push(`${name}: ${key}`);
  }
  if (Array.isArray(schema['required']) && schema['required'].length === 0) broken.push(`${name}: empty required`);
  for (const key of ['required', 'properties']) if (schema[key] === null) broken.push(`${name}: ${key} is null`);
  const properties = schema['properties'];
  for (const inner of isJsonObject(properties) ? Object.values(properties) : []) {
    if (isJsonObject(inner)) broken.push(...brokenSchema(inner, name));
  }
  if (isJsonObject(schema['items'])) broken.push(...brokenSchema(schema['items'], name));
  return broken;
}

function brokenText(value: Json | undefined, path: string): string[] {
  if (typeof value === 'string') return value.isWellFormed() ? [] : [`${path}: half a character`];
  if (Array.isArray(value)) return value.flatMap((item, index) => brokenText(item, `${path}[${index}]`));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    brokenKey(key, path).concat(brokenText(inner, `${path}.${key}`)),
  );
}

function brokenKey(key: string, path: string): string[] {
  return key === '' ? [`${path}: an empty key`] : brokenText(key, path);
}

function callsOf(entry: JsonObject): Call[] {
  const message = entry['assistantResponseMessage'] as JsonObject | undefined;
  const uses = (message?.['toolUses'] ?? []) as JsonObject[];
  return uses.map((use) => ({ id: String(use['toolUseId']), name: String(use['name']) }));
}

function contextOf(entry: JsonObject): JsonObject {
  const message = entry['userInputMessage'] as JsonObject | undefined;
  return (message?.['userInputMessageContext'] ?? {}) as JsonObject;
}

export function resultsOf(entry: JsonObject): JsonObject[] {
  return (contextOf(entry)['toolResults'] ?? []) as JsonObject[];
}

export function toolsOf(entry: JsonObject): JsonObject[] {
  return (contextOf(entry)['tools'] ?? []) as JsonObject[];
}
