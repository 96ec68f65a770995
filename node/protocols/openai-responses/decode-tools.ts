import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { Tool } from '../../conversation/contract.ts';
import { badField, join, objectAt, optionalArray, optionalObject, optionalString, requiredString } from '../fields.ts';
import { travellingName, writeToolKind, type ToolKind } from './tool-kinds.ts';

/** Tools of a request, gathered from `tools` and from items that bring more. */
export class ToolList {
  readonly tools: Tool[] = [];
  readonly kinds = new Map<string, string>();
  /** Types of tools that only OpenAI's own servers can run; left out. */
  readonly hosted = new Set<string>();

  /** Reads a `tools` member. A name that came before is not taken twice. */
  add(from: JsonObject, path: string): void {
    const list = optionalArray(from, 'tools', path) ?? [];
    list.forEach((_, index) => this.#addOne(list, index, join(path, 'tools')));
  }

  #addOne(list: Json[], index: number, path: string): void {
    const tool = objectAt(list, index, path);
    const where = join(path, index);
    const type = requiredString(tool, 'type', where);
    if (type === 'namespace') this.#addNamespace(tool, where);
    else this.#addTool(tool, type, where);
  }

  #addNamespace(tool: JsonObject, path: string): void {
    const namespace = requiredString(tool, 'name', path);
    const list = optionalArray(tool, 'tools', path) ?? [];
    list.forEach((_, index) => {
      const member = objectAt(list, index, join(path, 'tools'));
      const where = join(join(path, 'tools'), index);
      this.#addTool(member, requiredString(member, 'type', where), where, namespace);
    });
  }

  #addTool(tool: JsonObject, type: string, path: string, namespace?: string): void {
    if (type === 'function') this.#put(functionTool(tool, path), { shape: 'function', name: '' }, namespace);
    else if (type === 'custom') this.#put(freeformTool(tool, path), { shape: 'custom', name: '' }, namespace);
    else if (type === 'local_shell') this.#put(shellTool, { shape: 'local_shell', name: '' });
    else if (type === 'tool_search' && tool.execution === 'client') {
      this.#put(searchTool(tool, path), { shape: 'tool_search', name: '' });
    } else this.hosted.add(type);
  }

  #put(tool: Tool, kind: ToolKind, namespace?: string): void {
    const name = travellingName(tool.name, namespace);
    if (this.tools.some((known) => known.name === name)) return;
    if (kind.shape !== 'function' || name !== tool.name) {
      const note: ToolKind = { ...kind, name: tool.name };
      if (namespace !== undefined) note.namespace = namespace;
      this.kinds.set(name, writeToolKind(note));
    }
    this.tools.push({ ...tool, name });
  }
}

function functionTool(from: JsonObject, path: string): Tool {
  const tool: Tool = {
    name: toolName(from, path),
    schema: optionalObject(from, 'parameters', path) ?? { type: 'object', properties: {} },
  };
  const description = optionalString(from, 'description', path);
  if (description !== undefined) tool.description = description;
  if (typeof from.strict === 'boolean') tool.strict = from.strict;
  return tool;
}

function toolName(from: JsonObject, path: string): string {
  const name = requiredString(from, 'name', path);
  if (name === '') throw badField(join(path, 'name'), 'must not be empty');
  return name;
}

/** A freeform tool as a function of one string; its grammar can only be told, not enforced. */
function freeformTool(from: JsonObject, path: string): Tool {
  const description = optionalString(from, 'description', path) ?? '';
  return {
    name: toolName(from, path),
    description: [description, grammarNote(optionalObject(from, 'format', path))]
      .filter((text) => text !== '')
      .join('\n\n'),
    schema: {
      type: 'object',
      properties: { input: { type: 'string', description: 'The whole input of the tool, as plain text.' } },
      required: ['input'],
      additionalProperties: false,
    },
  };
}

function grammarNote(format: JsonObject | undefined): string {
  // Older clients put syntax and definition beside the type, newer ones below `grammar`.
  const grammar = isJsonObject(format?.grammar) ? format.grammar : format;
  if (grammar === undefined || typeof grammar.definition !== 'string') return '';
  const syntax = typeof grammar.syntax === 'string' ? grammar.syntax : 'the following';
  return `The input must match this grammar (${syntax}):\n${grammar.definition}`;
}

/** OpenAI's `local_shell` has no schema of its own; these are the fields of its call (`LocalShellCall.Action`). */
const shellTool: Tool = {
  name: 'local_shell',
  description: "Runs a command on the user's machine and returns its output.",
  schema: {
    type: 'object',
    properties: {
      command: { type: 'array', items: { type: 'string' }, description: 'The program and its arguments.' },
      working_directory: { type: 'string' },
      timeout_ms: { type: 'number' },
    },
    required: ['command'],
  },
};

function searchTool(from: JsonObject, path: string): Tool {
  const tool: Tool = {
    name: 'tool_search',
    schema: optionalObject(from, 'parameters', path) ?? { type: 'object', properties: {} },
  };
  const description = optionalString(from, 'description', path);
  if (description !== undefined) tool.description = description;
  return tool;
}
