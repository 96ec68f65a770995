import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { Conversation, Tool, ToolChoice } from '../../conversation/contract.ts';
import {
  badField,
  join,
  objectAt,
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  requiredArray,
  requiredObject,
  requiredString,
} from '../fields.ts';
import { unsupported } from './decode-parts.ts';

export type ToolFields = Pick<Conversation, 'tools' | 'toolChoice' | 'parallelToolCalls'>;

/** A choice without tools asks for nothing and many upstreams refuse it: it is left out. */
export function decodeTools(body: JsonObject): ToolFields {
  refuseLegacyFunctions(body);
  const list = optionalArray(body, 'tools', '') ?? [];
  const tools = list.map((_, index) => decodeTool(list, index));
  if (tools.length === 0) return { tools };
  const parallelToolCalls = optionalBoolean(body, 'parallel_tool_calls', '');
  const fields: ToolFields = decodeChoice(body, tools);
  if (parallelToolCalls !== undefined) fields.parallelToolCalls = parallelToolCalls;
  return fields;
}

/** A client that declares `functions` reads `function_call` from the answer, which translated answers do not have. */
function refuseLegacyFunctions(body: JsonObject): void {
  const functions = optionalArray(body, 'functions', '') ?? [];
  if (functions.length === 0) return;
  throw unsupported('functions', 'the deprecated form of tools cannot be carried to this provider; send tools');
}

function decodeTool(list: Json[], index: number): Tool {
  const path = join('tools', index);
  const from = objectAt(list, index, 'tools');
  const type = optionalString(from, 'type', path) ?? 'function';
  if (type !== 'function') throw unsupported(join(path, 'type'), 'only tools of type "function" can be carried');
  const definition = requiredObject(from, 'function', path);
  const at = join(path, 'function');
  const tool: Tool = { name: requiredName(definition, at), schema: decodeSchema(definition, at) };
  const description = optionalString(definition, 'description', at);
  const strict = optionalBoolean(definition, 'strict', at);
  if (description !== undefined) tool.description = description;
  if (strict !== undefined) tool.strict = strict;
  if (isJsonObject(from['cache_control'])) tool.cacheControl = from['cache_control'];
  return tool;
}

function requiredName(from: JsonObject, path: string): string {
  const name = requiredString(from, 'name', path);
  if (name === '') throw badField(join(path, 'name'), 'must not be empty');
  return name;
}

/** Absent parameters declare a function without any. */
function decodeSchema(definition: JsonObject, path: string): JsonObject {
  return optionalObject(definition, 'parameters', path) ?? { type: 'object', properties: {} };
}

function decodeChoice(body: JsonObject, tools: Tool[]): Pick<ToolFields, 'tools' | 'toolChoice'> {
  const choice = body['tool_choice'];
  if (choice === undefined || choice === null) return { tools };
  if (typeof choice === 'string') return { tools, toolChoice: namedChoice(choice) };
  if (!isJsonObject(choice)) throw badField('tool_choice', 'must be a string or an object', choice);
  const type = requiredString(choice, 'type', 'tool_choice');
  if (type === 'function') return { tools, toolChoice: oneTool(choice, tools) };
  if (type === 'allowed_tools') return allowedTools(choice, tools);
  if (type === 'auto' || type === 'none' || type === 'required') return { tools, toolChoice: namedChoice(type) };
  throw unsupported('tool_choice.type', 'only "function" and "allowed_tools" can be carried');
}

/** `any` is Mistral's word for `required`. */
function namedChoice(choice: string): ToolChoice {
  if (choice === 'auto' || choice === 'none') return { type: choice };
  if (choice === 'required' || choice === 'any') return { type: 'any' };
  throw badField('tool_choice', 'must be auto, none, required or an object', choice);
}

function oneTool(choice: JsonObject, tools: Tool[]): ToolChoice {
  const path = 'tool_choice.function';
  const name = requiredName(requiredObject(choice, 'function', 'tool_choice'), path);
  if (!tools.some((tool) => tool.name === name)) {
    throw badField(join(path, 'name'), 'must be the name of one of the tools', name);
  }
  return { type: 'tool', name };
}

/** `allowed_tools` is the same as offering those tools alone. */
function allowedTools(choice: JsonObject, tools: Tool[]): Pick<ToolFields, 'tools' | 'toolChoice'> {
  const path = 'tool_choice.allowed_tools';
  const allowed = requiredObject(choice, 'allowed_tools', 'tool_choice');
  const list = requiredArray(allowed, 'tools', path);
  const names = new Set(
    list.map((_, index) => {
      const at = join(join(path, 'tools'), index);
      return requiredName(
        requiredObject(objectAt(list, index, join(path, 'tools')), 'function', at),
        join(at, 'function'),
      );
    }),
  );
  const mode = optionalString(allowed, 'mode', path) ?? 'auto';
  return { tools: tools.filter((tool) => names.has(tool.name)), toolChoice: namedChoice(mode) };
}
