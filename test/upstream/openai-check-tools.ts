import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { kindOf, present } from './openai-kind.ts';
import { refuse } from './openai-refuse.ts';

/** Tools, the choice among them, and what goes with tools only. */
export function checkChatTools(body: JsonObject): void {
  const { tools, tool_choice: choice } = body;
  const hasTools = Array.isArray(tools) && tools.length > 0;
  if (Array.isArray(tools) && tools.length === 0) {
    refuse(
      "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'tools',
      'empty_array',
    );
  }
  if (!hasTools && present(choice) && choice !== 'none') {
    refuse("Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", 'tool_choice');
  }
  if (!hasTools && present(body.parallel_tool_calls)) {
    refuse(
      "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.",
      'parallel_tool_calls',
    );
  }
  const names = (hasTools ? tools : []).map((tool, index) => {
    const path = `tools[${index}]`;
    if (!isJsonObject(tool) || tool.type === undefined)
      refuse(`Missing required parameter: '${path}.type'.`, `${path}.type`, 'missing_required_parameter');
    if (tool.type !== 'function') return '';
    if (!isJsonObject(tool.function))
      refuse(`Missing required parameter: '${path}.function'.`, `${path}.function`, 'missing_required_parameter');
    return checkFunction(tool.function, `${path}.function`);
  });
  checkChoice(choice, names);
}

function checkChoice(choice: Json | undefined, names: string[]): void {
  if (!present(choice)) return;
  if (typeof choice === 'string') {
    if (['none', 'auto', 'required'].includes(choice)) return;
    refuse(
      `Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`,
      'tool_choice',
      'invalid_value',
    );
  }
  const wanted = isJsonObject(choice) && isJsonObject(choice.function) ? String(choice.function.name) : '';
  if (!names.includes(wanted))
    refuse(
      `Invalid value for 'tool_choice': no function named '${wanted}' was specified in the 'tools' parameter.`,
      'tool_choice',
    );
}

const functionMembers = new Set(['name', 'description', 'parameters', 'strict']);

/** A function's definition: name, schema, strictness. Used for Chat and, with its own path, for Responses. */
export function checkFunction(definition: JsonObject, path: string, ignored: readonly string[] = []): string {
  for (const member of Object.keys(definition)) {
    if (!functionMembers.has(member) && !ignored.includes(member))
      refuse(`Unknown parameter: '${path}.${member}'.`, `${path}.${member}`, 'unknown_parameter');
  }
  const { name, parameters, strict } = definition;
  if (typeof name !== 'string')
    refuse(`Missing required parameter: '${path}.name'.`, `${path}.name`, 'missing_required_parameter');
  if (name.length > 64)
    refuse(
      `Invalid '${path}.name': string too long. Expected a string with maximum length 64, but got a string with length ${name.length} instead.`,
      `${path}.name`,
      'string_above_max_length',
    );
  if (!/^[a-zA-Z0-9_-]+$/.test(name))
    refuse(
      `Invalid '${path}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      `${path}.name`,
      'invalid_value',
    );
  if (!present(parameters)) return name;
  if (!isJsonObject(parameters) || parameters.type !== 'object') {
    const type = isJsonObject(parameters) ? String(parameters.type ?? 'None') : kindOf(parameters);
    refuse(
      `Invalid schema for function '${name}': schema must be a JSON Schema of 'type: "object"', got 'type: "${type}"'.`,
      `${path}.parameters`,
      'invalid_function_parameters',
    );
  }
  if (strict === true && parameters.additionalProperties !== false) {
    refuse(
      `Invalid schema for function '${name}': In context=(), 'additionalProperties' is required to be supplied and to be false.`,
      `${path}.parameters`,
      'invalid_function_parameters',
    );
  }
  return name;
}
