/**
 * The Responses API has tools that are no plain functions: freeform (`custom`) tools, tools inside a namespace, the
 * client's own shell and tool search. They travel as functions, and this note per tool name brings their calls back
 * in the shape that the client declared. Everything needed is in the request, so no state is kept between turns.
 */
import { parseJsonObject } from '../../../kit/json.ts';
import { portableName } from '../portable-name.ts';

export interface ToolKind {
  shape: 'function' | 'custom' | 'local_shell' | 'tool_search';
  /** Name as the client declared it. */
  name: string;
  namespace?: string;
}

/** Name that a tool travels under: its own, or namespace and name joined, in the form that all upstreams take. */
export function travellingName(name: string, namespace?: string): string {
  if (namespace === undefined || namespace === '') return portableName(name);
  return portableName(namespace.endsWith('__') ? namespace + name : `${namespace}__${name}`);
}

export function writeToolKind(kind: ToolKind): string {
  return JSON.stringify(kind);
}

/** What the client called the tool; a plain function when nothing was noted. */
export function readToolKind(name: string, kinds: ReadonlyMap<string, string> | undefined): ToolKind {
  const note = kinds?.get(name);
  return note === undefined ? { shape: 'function', name } : (JSON.parse(note) as ToolKind);
}

/** Arguments under which the text of a freeform tool travels. */
export function wrapFreeform(input: string): string {
  return JSON.stringify({ input });
}

/** The freeform text out of the arguments; arguments that a model wrote otherwise are handed on as they are. */
export function unwrapFreeform(argumentsJson: string): string {
  const input = parseJsonObject(argumentsJson)?.['input'];
  // Not JSON: the model wrote the text itself, which is what the tool wants.
  return typeof input === 'string' ? input : argumentsJson;
}
