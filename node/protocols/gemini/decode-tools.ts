import type { JsonObject } from '../../../kit/json.ts';
import type { Conversation, Tool, ToolChoice } from '../../conversation/contract.ts';
import { portableName } from '../portable-name.ts';
import { badField, join, objectAt, optionalArray, optionalObject, optionalString, requiredString } from '../fields.ts';
import { camelOf, keyOf } from './names.ts';
import { jsonSchemaOf } from './schema.ts';

/**
 * Reads `tools` and `toolConfig` into the conversation. Tools that only Google's servers run (googleSearch,
 * codeExecution, …) are left out and reported.
 */
export function readTools(body: JsonObject, conversation: Conversation): void {
  const key = keyOf(body, 'tools');
  const names = new Map<string, string>();
  const list = optionalArray(body, key, '') ?? [];
  list.forEach((_, index) => {
    const tool = objectAt(list, index, key);
    readFunctions(tool, join(key, index), conversation.tools, names);
    for (const name of Object.keys(tool)) {
      if (camelOf(name) !== 'functionDeclarations') conversation.dropped.push(`tools.${name}`);
    }
  });
  if (names.size > 0) conversation.toolKinds = names;
  const config = optionalObject(body, keyOf(body, 'toolConfig'), '');
  if (config !== undefined) readChoice(config, keyOf(body, 'toolConfig'), conversation);
}

/** Names that not all upstreams take are noted in `names`, so that calls come back under the client's own. */
function readFunctions(tool: JsonObject, path: string, into: Tool[], names: Map<string, string>): void {
  const key = keyOf(tool, 'functionDeclarations');
  const list = optionalArray(tool, key, path) ?? [];
  list.forEach((_, index) => {
    const declared = decodeFunction(objectAt(list, index, join(path, key)), join(join(path, key), index));
    const name = portableName(declared.name);
    if (name !== declared.name) names.set(name, declared.name);
    into.push({ ...declared, name });
  });
}

function decodeFunction(from: JsonObject, path: string): Tool {
  const tool: Tool = { name: requiredString(from, 'name', path), schema: schemaOf(from, path) };
  if (tool.name === '') throw badField(join(path, 'name'), 'must not be empty');
  const description = optionalString(from, 'description', path);
  if (description !== undefined) tool.description = description;
  return tool;
}

/** `parametersJsonSchema` is JSON Schema as it is, `parameters` Google's own form; neither means no arguments. */
function schemaOf(from: JsonObject, path: string): JsonObject {
  const schema = optionalObject(from, keyOf(from, 'parametersJsonSchema'), path);
  if (schema !== undefined) return schema;
  const parameters = optionalObject(from, 'parameters', path);
  return parameters === undefined ? { type: 'object', properties: {} } : jsonSchemaOf(parameters);
}

function readChoice(config: JsonObject, path: string, conversation: Conversation): void {
  const key = keyOf(config, 'functionCallingConfig');
  const calling = optionalObject(config, key, path);
  // A choice without tools is refused by many upstreams and says nothing.
  if (calling === undefined || conversation.tools.length === 0) return;
  const where = join(path, key);
  const allowed = allowedNames(calling, where, conversation.tools);
  const choice = choiceOf(calling, where, allowed);
  if (choice.type !== 'none' && allowed.length > 0) {
    conversation.tools = conversation.tools.filter((tool) => allowed.includes(tool.name));
  }
  conversation.toolChoice = choice;
}

function choiceOf(calling: JsonObject, path: string, allowed: readonly string[]): ToolChoice {
  const mode = (optionalString(calling, 'mode', path) ?? 'AUTO').toUpperCase();
  const only = allowed.length === 1 ? allowed[0] : undefined;
  switch (mode) {
    case 'ANY':
      return only === undefined ? { type: 'any' } : { type: 'tool', name: only };
    case 'NONE':
      return { type: 'none' };
    case 'AUTO':
    case 'VALIDATED':
    case 'MODE_UNSPECIFIED':
      return { type: 'auto' };
    default:
      throw badField(join(path, 'mode'), 'must be one of AUTO, ANY, NONE, VALIDATED', mode);
  }
}

function allowedNames(calling: JsonObject, path: string, tools: readonly Tool[]): string[] {
  const key = keyOf(calling, 'allowedFunctionNames');
  return (optionalArray(calling, key, path) ?? []).map((name, index) => {
    const known = typeof name === 'string' ? tools.find((tool) => tool.name === portableName(name)) : undefined;
    if (known !== undefined) return known.name;
    throw badField(join(join(path, key), index), 'must name one of the functionDeclarations', name);
  });
}
