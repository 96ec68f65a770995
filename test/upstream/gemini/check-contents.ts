import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { isBase64 } from '../image-facts.ts';
import { isGenuine } from './call-signature.ts';
import { refuse } from './errors.ts';
import { listOf, objectOf, textOf } from './shape.ts';

const partMembers = [
  'text',
  'thought',
  'thoughtSignature',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
];
const data = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse'];

export interface Turn {
  role: string;
  parts: JsonObject[];
}

/** Roles, order and parts; the pairs of calls and responses; signatures. */
export function checkContents(value: Json | undefined, model: string): Turn[] {
  const turns = listOf(value, 'contents').map((content, index) => checkTurn(content, index, model));
  if (turns.length === 0) refuse('* GenerateContentRequest.contents: contents is not specified');
  if (turns[0]?.role !== 'user') refuse('Please ensure that the first turn is of role user.');
  for (const [index, turn] of turns.entries()) {
    const before = turns[index - 1];
    if (before?.role === turn.role) refuse('Please ensure that multiturn requests alternate between user and model.');
    checkPairs(before, turn);
    if (turn.role === 'model') checkSignatures(turn, index, model);
  }
  if (callNames(turns.at(-1)).length > 0)
    refuse('Please ensure that a function call turn is followed by its responses.');
  return turns;
}

function checkTurn(content: Json, index: number, model: string): Turn {
  const { role, parts } = objectOf(content, `contents[${index}]`, ['role', 'parts']);
  if (role !== 'user' && role !== 'model') return refuse('Please use a valid role: user, model.');
  const list = listOf(parts, `contents[${index}].parts`);
  if (list.length === 0) refuse(`* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.`);
  return { role, parts: list.map((part, at) => checkPart(part, `contents[${index}].parts[${at}]`, role, model)) };
}

/** One part: exactly one kind of data, and not an empty text unless it carries a signature. Also for system instructions. */
export function checkPart(value: Json, path: string, role: string, model: string): JsonObject {
  const part = objectOf(value, path, partMembers);
  const kinds = data.filter((kind) => part[kind] !== undefined);
  if (kinds.length !== 1) refuse(`${path}.data: required oneof field 'data' must have one initialized field`);
  if (part.text !== undefined && textOf(part.text, `${path}.text`) === '' && part.thoughtSignature === undefined)
    refuse(`${path}: text must not be empty.`);
  if (part.inlineData !== undefined) checkInline(part.inlineData, path);
  if (part.fileData !== undefined) textOf(objectOf(part.fileData, path, ['mimeType', 'fileUri']).fileUri, path);
  if (part.functionCall !== undefined) checkCall(part.functionCall, path, role);
  if (part.functionResponse !== undefined) checkResponse(part.functionResponse, path, role);
  const name = isJsonObject(part.functionCall) ? String(part.functionCall.name) : '';
  if (part.thoughtSignature !== undefined && !isGenuine(model, name, textOf(part.thoughtSignature, path)))
    refuse('Corrupted thought signature.');
  return part;
}

function checkInline(value: Json, path: string): void {
  const inline = objectOf(value, `${path}.inline_data`, ['mimeType', 'data']);
  textOf(inline.mimeType, `${path}.inline_data.mime_type`);
  if (!isBase64(textOf(inline.data, path))) refuse(`Invalid value at '${path}.inline_data.data' (TYPE_BYTES)`);
}

function checkCall(value: Json, path: string, role: string): void {
  const call = objectOf(value, `${path}.function_call`, ['name', 'args', 'id']);
  if (textOf(call.name, `${path}.function_call.name`) === '')
    refuse(`${path}.function_call.name: Name cannot be empty.`);
  if (call.args !== undefined && !isJsonObject(call.args)) refuse(`Invalid value at '${path}.function_call.args'.`);
  if (role !== 'model') refuse('Please ensure that function call turns come from the model.');
}

function checkResponse(value: Json, path: string, role: string): void {
  const answer = objectOf(value, `${path}.function_response`, ['name', 'response', 'id', 'parts']);
  for (const part of listOf(answer.parts, `${path}.function_response.parts`))
    checkInline(objectOf(part, `${path}.function_response.parts`, ['inlineData']).inlineData ?? null, path);
  if (textOf(answer.name, `${path}.function_response.name`) === '')
    refuse(`${path}.function_response.name: Name cannot be empty.`);
  if (!isJsonObject(answer.response))
    refuse(`Invalid value at '${path}.function_response.response': expected a Struct.`);
  if (role !== 'user') refuse('Please ensure that function response turns come from the user.');
}

const named = (turn: Turn | undefined, kind: 'functionCall' | 'functionResponse'): string[] =>
  (turn?.parts ?? [])
    .map((part) => part[kind])
    .filter(isJsonObject)
    .map((one) => String(one.name));
const callNames = (turn: Turn | undefined): string[] => named(turn, 'functionCall');

/** All responses of a step in the one turn after it: as many, in this order. */
function checkPairs(before: Turn | undefined, turn: Turn): void {
  const calls = callNames(before);
  const responses = named(turn, 'functionResponse');
  if (calls.length !== responses.length)
    refuse(
      'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
    );
  if (calls.some((name, at) => name !== responses[at]))
    refuse('Please ensure that function response parts are in the order of their calls and bear their names.');
}

/** Gemini 3 wants what it issued on the first call of each step. */
function checkSignatures(turn: Turn, index: number, model: string): void {
  if (!/^(?:models\/)?gemini-3/.test(model)) return;
  const first = turn.parts.find((part) => part.functionCall !== undefined);
  if (first !== undefined && first.thoughtSignature === undefined)
    refuse(
      `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, position ${index}.`,
    );
}
