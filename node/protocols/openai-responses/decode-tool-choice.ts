import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import type { ToolChoice } from '../../conversation/contract.ts';
import { protocolFaults } from '../faults.ts';
import { badField, join, objectAt, optionalOneOf, optionalString, requiredArray, requiredString } from '../fields.ts';
import type { ToolList } from './decode-tools.ts';
import { travellingName } from './tool-kinds.ts';

export interface ChosenTools {
  choice?: ToolChoice;
  /** Names that may be called; undefined for all. */
  allowed?: ReadonlySet<string>;
}

const field = 'tool_choice';

/** Reads `tool_choice`. What forces a tool that only OpenAI's servers run is refused, never dropped. */
export function decodeToolChoice(body: JsonObject, list: ToolList): ChosenTools {
  const value = body[field];
  if (value === undefined || value === null) return {};
  if (typeof value === 'string') return { choice: namedChoice(value, list) };
  if (!isJsonObject(value)) throw badField(field, 'must be a string or an object', value);
  const type = requiredString(value, 'type', field);
  if (type === 'allowed_tools') return allowedTools(value, list);
  return { choice: { type: 'tool', name: chosenName(value, type, list, field) } };
}

function namedChoice(value: string, list: ToolList): ToolChoice {
  if (value === 'auto' || value === 'none') return { type: value };
  if (value !== 'required') throw badField(field, 'must be one of auto, none, required', value);
  if (list.tools.length === 0 && list.hosted.size > 0) throw hostedOnly(field, [...list.hosted].join(', '));
  return { type: 'any' };
}

function chosenName(value: JsonObject, type: string, list: ToolList, path: string): string {
  if (type !== 'function' && type !== 'custom') {
    if (list.kinds.has(type)) return type;
    throw hostedOnly(path, type);
  }
  const name = travellingName(requiredString(value, 'name', path), optionalString(value, 'namespace', path));
  if (!list.tools.some((tool) => tool.name === name))
    throw badField(join(path, 'name'), 'must name one of `tools`', name);
  return name;
}

function hostedOnly(path: string, type: string): Error {
  return protocolFaults.unsupported_field(`${path}: ${type} runs at OpenAI only and cannot be forced here`, {
    field: path,
  });
}

/** `allowed_tools` narrows the list; hosted tools in it are left out as they are from `tools`. */
function allowedTools(value: JsonObject, list: ToolList): ChosenTools {
  const mode = optionalOneOf(value, 'mode', field, ['auto', 'required']) ?? 'auto';
  const path = join(field, 'tools');
  const entries = requiredArray(value, 'tools', field);
  const allowed = new Set<string>();
  entries.forEach((_, index) => {
    const name = allowedName(entries, index, path, list);
    if (name !== undefined) allowed.add(name);
  });
  if (allowed.size === 0 && mode === 'required') throw hostedOnly(path, 'none of the tools');
  return { choice: { type: mode === 'required' ? 'any' : 'auto' }, allowed };
}

function allowedName(entries: Json[], index: number, path: string, list: ToolList): string | undefined {
  const entry = objectAt(entries, index, path);
  const where = join(path, index);
  const type = requiredString(entry, 'type', where);
  if (type !== 'function' && type !== 'custom' && !list.kinds.has(type)) return undefined;
  return chosenName(entry, type, list, where);
}
