import type { Json } from '../../../kit/json.ts';
import { type Checks, listAt, objectAt, onlyKnown, textAt } from './fields.ts';

/** Characters of one result (the official client's note of the service's limit). */
const resultLengthMax = 800_000;

export interface ToolResult {
  id: string;
  text: string;
  isError: boolean;
}

/** `toolResults` of a user message. */
export function checkResults(value: Json | undefined, path: string, checks: Checks): ToolResult[] {
  return listAt(value, path, checks).map((result, index) => checkResult(result, `${path}[${index}]`, checks));
}

function checkResult(value: Json, path: string, checks: Checks): ToolResult {
  const result = objectAt(value, path, checks);
  onlyKnown(result, ['toolUseId', 'content', 'status'], path, checks);
  const id = textAt(result['toolUseId'], `${path}.toolUseId`, checks);
  if (id === '') checks.improper(`${path}.toolUseId: is empty`);
  const status = result['status'];
  if (status !== 'success' && status !== 'error') checks.improper(`${path}.status: is neither success nor error`);
  const content = listAt(result['content'], `${path}.content`, checks);
  if (content.length === 0) checks.improper(`${path}.content: is empty`);
  const texts = content.map((each, index) => checkContent(each, `${path}.content[${index}]`, checks));
  const text = texts.join('\n');
  if (text.length > resultLengthMax) checks.refuse('too-long', `${path}: is longer than ${resultLengthMax} characters`);
  return { id, text, isError: status === 'error' };
}

function checkContent(value: Json, path: string, checks: Checks): string {
  const content = objectAt(value, path, checks);
  onlyKnown(content, ['text', 'json'], path, checks);
  if (Object.keys(content).length !== 1) checks.improper(`${path}: is not one of text and json`);
  if (content['json'] !== undefined) return JSON.stringify(objectAt(content['json'], `${path}.json`, checks));
  const text = textAt(content['text'], `${path}.text`, checks);
  return text === '' ? checks.improper(`${path}.text: is empty`) : text;
}
