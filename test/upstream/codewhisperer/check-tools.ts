import type { Json, JsonObject } from '../../../kit/json.ts';
import { invalidBody } from './errors.ts';
import { checkSchema } from './check-schema.ts';
import { type Checks, listAt, objectAt, onlyKnown, textAt } from './fields.ts';

/** Letters first; dashes are taken from proxies. */
const namePattern = /^[a-zA-Z][a-zA-Z0-9_-]*$/;
const nameLengthMax = 64;
const descriptionBytesMax = 10_240;
/** Near where 1,389 tools were refused by another reason than all else. */
const toolsBytesMax = 2_000_000;

export interface DeclaredTool {
  name: string;
  schema: JsonObject;
}

/** `tools` of the current message. */
export function checkTools(value: Json | undefined, path: string, checks: Checks): DeclaredTool[] {
  if (value !== undefined && JSON.stringify(value).length > toolsBytesMax)
    checks.refuse(invalidBody, `${path}: is larger than ${toolsBytesMax} bytes`);
  const tools = listAt(value, path, checks).map((tool, index) => checkTool(tool, `${path}[${index}]`, checks));
  const names = tools.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) checks.improper(`${path}: ${twice} stands there twice`);
  return tools;
}

function checkTool(value: Json, path: string, checks: Checks): DeclaredTool {
  const tool = objectAt(value, path, checks);
  onlyKnown(tool, ['toolSpecification'], path, checks);
  const at = `${path}.toolSpecification`;
  const specification = objectAt(tool['toolSpecification'], at, checks);
  onlyKnown(specification, ['name', 'description', 'inputSchema'], at, checks);
  const name = checkToolName(specification['name'], `${at}.name`, checks);
  checkDescription(textAt(specification['description'], `${at}.description`, checks), `${at}.description`, checks);
  const input = objectAt(specification['inputSchema'], `${at}.inputSchema`, checks);
  onlyKnown(input, ['json'], `${at}.inputSchema`, checks);
  checkSchema(input['json'], `${at}.inputSchema.json`, checks);
  return { name, schema: input['json'] as JsonObject };
}

export function checkToolName(value: Json | undefined, path: string, checks: Checks): string {
  const name = textAt(value, path, checks);
  if (name.length > nameLengthMax) checks.improper(`${path}: is longer than ${nameLengthMax} characters`);
  if (!namePattern.test(name)) checks.improper(`${path}: "${name}" has other characters than a name may have`);
  return name;
}

function checkDescription(text: string, path: string, checks: Checks): void {
  if (text.trim() === '') checks.improper(`${path}: is empty`);
  if (Buffer.byteLength(text) > descriptionBytesMax)
    checks.improper(`${path}: is longer than ${descriptionBytesMax} bytes`);
}
