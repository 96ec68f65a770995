import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import { checkParameters } from './check-schema.ts';
import { refuse } from './errors.ts';
import { listOf, objectOf, textOf } from './shape.ts';

const kinds = ['functionDeclarations', 'googleSearch', 'codeExecution', 'urlContext'];
const declared = ['name', 'description', 'parameters', 'parametersJsonSchema'];

/** Tools and the choice among them. */
export function checkTools(body: JsonObject, model: string): void {
  const tools = listOf(body.tools, 'tools').map((tool, index) => objectOf(tool, `tools[${index}]`, kinds));
  const names = tools.flatMap((tool, index) =>
    listOf(tool.functionDeclarations, 'function_declarations').map((one, at) =>
      checkDeclaration(objectOf(one, `tools[${index}].function_declarations[${at}]`, declared), index, at),
    ),
  );
  for (const [index, tool] of tools.entries()) {
    if (Object.keys(tool).length === 0) refuse(`tools[${index}].tool_type: required one_of 'tool_type' must be set.`);
    if (Array.isArray(tool.functionDeclarations) && tool.functionDeclarations.length === 0)
      refuse(`tools[${index}].function_declarations: must not be empty.`);
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) refuse(`Duplicate function declaration found: ${twice}`);
  if (names.length > 0 && model.includes('gemini-2.5') && tools.some((tool) => tool.googleSearch !== undefined))
    refuse('Tool use with function calling is unsupported by the model.');
  checkChoice(body, names);
}

function checkDeclaration(declaration: JsonObject, index: number, at: number): string {
  const path = `tools[${index}].function_declarations[${at}]`;
  const name = textOf(declaration.name, `${path}.name`);
  if (!/^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/.test(name))
    refuse(`${path}.name: Invalid function name. Must start with a letter or an underscore; at most 64 characters.`);
  if (declaration.description !== undefined) textOf(declaration.description, `${path}.description`);
  if (declaration.parameters !== undefined && declaration.parametersJsonSchema !== undefined)
    refuse(`${path}: parameters and parameters_json_schema exclude each other.`);
  const { parameters, parametersJsonSchema } = declaration;
  if (parameters !== undefined) checkParameters(parameters, `${path}.parameters`, false);
  if (parametersJsonSchema !== undefined) checkParameters(parametersJsonSchema, `${path}.parameters`, true);
  return name;
}

function checkChoice({ toolConfig }: JsonObject, names: readonly string[]): void {
  if (toolConfig === undefined) return;
  const { functionCallingConfig } = objectOf(toolConfig, 'tool_config', ['functionCallingConfig']);
  if (!isJsonObject(functionCallingConfig)) return refuse('tool_config.function_calling_config: missing.');
  const config = objectOf(functionCallingConfig, 'function_calling_config', ['mode', 'allowedFunctionNames']);
  if (names.length === 0) refuse('Function calling config is set without function_declarations.');
  const mode = textOf(config.mode, 'function_calling_config.mode');
  if (!['AUTO', 'ANY', 'NONE'].includes(mode)) refuse(`Invalid value at 'mode' (TYPE_ENUM), "${mode}"`);
  if (config.allowedFunctionNames === undefined) return;
  if (mode !== 'ANY') refuse('Allowed function names should be set only when function calling mode is ANY.');
  for (const name of listOf(config.allowedFunctionNames, 'allowed_function_names'))
    if (!names.includes(String(name))) refuse(`allowed_function_names: "${String(name)}" is not declared.`);
}
