import type { JsonObject } from '../../../kit/json.ts';
import type { Tool, ToolChoice } from '../../conversation/contract.ts';
import {
  badField,
  objectAt,
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  requiredString,
} from '../fields.ts';
import { protocolFaults } from '../faults.ts';
import { portableName } from '../portable-name.ts';

/**
 * Tools that Anthropic itself carries out, recognised by their dated types. Elsewhere there is nobody to do so: they
 * are left out and reported.
 */
const serverTools = /^(?:web_search|web_fetch|code_execution|tool_search_tool|mcp_toolset|advisor)/;

/** Members of a tool that are advice to Anthropic alone; leaving them out changes no meaning. */
const advice = ['input_examples', 'defer_loading', 'eager_input_streaming', 'allowed_callers'];

/** The tools of a request; what is left out goes into `dropped`. */
export function decodeTools(body: JsonObject, dropped: Set<string>): Tool[] {
  const list = optionalArray(body, 'tools', '') ?? [];
  const tools: Tool[] = [];
  list.forEach((_, index) => {
    const tool = decodeTool(objectAt(list, index, 'tools'), `tools[${index}]`, dropped);
    if (tool !== undefined) tools.push(tool);
  });
  return tools;
}

function decodeTool(wire: JsonObject, path: string, dropped: Set<string>): Tool | undefined {
  const type = optionalString(wire, 'type', path);
  if (type !== undefined && type !== 'custom') {
    if (serverTools.test(type)) {
      dropped.add(`tools.${type}`);
      return undefined;
    }
    // The client expects calls in the form that this type stands for, and no other upstream knows that form.
    throw protocolFaults.unsupported_field(`${path}.type: ${JSON.stringify(type)} needs an Anthropic upstream`, {
      field: `${path}.type`,
    });
  }
  for (const key of advice) if (wire[key] !== undefined && wire[key] !== null) dropped.add(`tools.${key}`);
  return customTool(wire, path);
}

function customTool(wire: JsonObject, path: string): Tool {
  const tool: Tool = {
    name: portableName(requiredString(wire, 'name', path)),
    schema: optionalObject(wire, 'input_schema', path) ?? { type: 'object', properties: {} },
  };
  const description = optionalString(wire, 'description', path);
  const strict = optionalBoolean(wire, 'strict', path);
  const cacheControl = optionalObject(wire, 'cache_control', path);
  if (description !== undefined) tool.description = description;
  if (strict !== undefined) tool.strict = strict;
  if (cacheControl !== undefined) tool.cacheControl = cacheControl;
  return tool;
}

/** tool_choice and the ban on parallel calls inside it. Without tools upstreams refuse it, so it is left out then. */
export function decodeToolChoice(
  body: JsonObject,
  tools: readonly Tool[],
  dropped: Set<string>,
): { toolChoice?: ToolChoice; parallelToolCalls?: boolean } {
  const wire = optionalObject(body, 'tool_choice', '');
  if (wire === undefined) return {};
  const toolChoice = choiceOf(wire);
  if (tools.length === 0) {
    dropped.add('tool_choice');
    return {};
  }
  if (toolChoice.type === 'tool' && !tools.some((tool) => tool.name === toolChoice.name)) {
    throw badField('tool_choice.name', 'must be the name of one of the tools', toolChoice.name);
  }
  const isSingle = optionalBoolean(wire, 'disable_parallel_tool_use', 'tool_choice');
  return isSingle === undefined ? { toolChoice } : { toolChoice, parallelToolCalls: !isSingle };
}

function choiceOf(wire: JsonObject): ToolChoice {
  const type = requiredString(wire, 'type', 'tool_choice');
  switch (type) {
    case 'auto':
    case 'any':
    case 'none':
      return { type };
    case 'tool':
      return { type, name: portableName(requiredString(wire, 'name', 'tool_choice')) };
    default:
      throw badField('tool_choice.type', 'must be one of auto, any, tool, none', type);
  }
}
