import { isJsonObject, type Json, type JsonObject } from '../../kit/json.ts';
import { refuse } from './anthropic-refuse.ts';

const toolNamePattern = /^[a-zA-Z0-9_-]{1,128}$/;
const toolMembers = new Set([
  'name',
  'description',
  'input_schema',
  'type',
  'cache_control',
  'strict',
  'allowed_callers',
  'defer_loading',
  'eager_input_streaming',
  'input_examples',
]);

/** Tools and the choice among them. */
export function checkTools(body: JsonObject): void {
  const { tools, tool_choice: choice } = body;
  if (tools !== undefined && !Array.isArray(tools)) refuse('tools: Input should be a valid list');
  const names = (tools ?? []).map((tool, index) => checkTool(tool, `tools.${index}`));
  if (new Set(names).size !== names.length) refuse('tools: Tool names must be unique.');
  if (choice === undefined || choice === null) return;
  if (!isJsonObject(choice) || !['auto', 'any', 'tool', 'none'].includes(String(choice.type))) {
    refuse(
      "tool_choice: Input tag found using 'type' does not match any of the expected tags: 'any', 'auto', 'none', 'tool'",
    );
  }
  if (names.length === 0 && choice.type !== 'none')
    refuse('tool_choice: tool_choice may only be specified while providing tools.');
  if (choice.type === 'tool' && !names.includes(String(choice.name)))
    refuse(`Tool '${String(choice.name)}' not found in provided tools`);
}

function checkTool(tool: Json, at: string): string {
  if (!isJsonObject(tool)) refuse(`${at}: Input should be an object`);
  // Server tools (web_search_20250305, bash_20250124 …) have their own members.
  if (tool.type !== undefined && tool.type !== null && tool.type !== 'custom') return String(tool.name);
  for (const member of Object.keys(tool)) {
    if (!toolMembers.has(member)) refuse(`${at}.custom.${member}: Extra inputs are not permitted`);
  }
  if (typeof tool.name !== 'string') refuse(`${at}.custom.name: Field required`);
  if (!toolNamePattern.test(tool.name))
    refuse(`${at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
  if (!isJsonObject(tool.input_schema)) refuse(`${at}.custom.input_schema: Field required`);
  if (tool.input_schema.type === undefined) refuse(`${at}.custom.input_schema.type: Field required`);
  if (tool.input_schema.type !== 'object') refuse(`${at}.custom.input_schema.type: Input should be 'object'`);
  return tool.name;
}
