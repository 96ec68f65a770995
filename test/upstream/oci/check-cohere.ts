import { isJsonObject, type Json, type JsonObject } from '../../../kit/json.ts';
import { Refusal } from '../refusal.ts';
import { invalid, ociError } from './errors.ts';
import { objects } from './objects.ts';
import {
  anything, fields, flag, integer, list, matching, number, oneOf, optional, record, type Shape, text, variants,
} from './shape.ts'; // prettier-ignore

const call = fields({ name: text, parameters: record });
const results = list(fields({ call, outputs: list(record) }));
const parameter = fields({ type: text, description: optional(text), isRequired: optional(flag) });
const parameters: Shape = (value, path) => {
  record(value, path);
  for (const [name, each] of Object.entries(value as JsonObject)) parameter(each, `${path}.${name}`);
};
export const cohereFormat = optional(variants('type', { TEXT: {}, JSON_OBJECT: { schema: optional(record) } }));

/** Fields that both formats of Cohere share. */
export const cohereShared: Readonly<Record<string, Shape>> = {
  maxTokens: integer(1),
  temperature: optional(number(0)),
  topK: optional(integer(0, 500)),
  topP: optional(number(0, 1)),
  frequencyPenalty: optional(number(0, 1)),
  presencePenalty: optional(number(0, 1)),
  seed: optional(integer()),
  stopSequences: optional(list(text)),
  responseFormat: cohereFormat,
  safetyMode: optional(oneOf('CONTEXTUAL', 'STRICT', 'OFF')),
  documents: optional(list(anything)),
  isStream: optional(flag),
  streamOptions: optional(fields({ isIncludeUsage: optional(flag) })),
};

/** `chatRequest` of Cohere's older format. */
export const cohereShape: Shape = fields({
  ...cohereShared,
  apiFormat: oneOf('COHERE'),
  message: text,
  chatHistory: optional(
    list(
      variants('role', {
        USER: { message: text },
        CHATBOT: { message: optional(text), toolCalls: optional(list(call)) },
        SYSTEM: { message: text },
        TOOL: { toolResults: results },
      }),
    ),
  ),
  preambleOverride: optional(text),
  tools: optional(
    list(
      fields({
        name: matching(/^[A-Za-z_][A-Za-z0-9_]*$/),
        description: text,
        parameterDefinitions: optional(parameters),
      }),
    ),
  ),
  toolResults: optional(results),
  isForceSingleStep: optional(flag),
  maxInputTokens: optional(integer(0)),
  citationQuality: optional(oneOf('ACCURATE', 'FAST')),
  promptTruncation: optional(oneOf('OFF', 'AUTO_PRESERVE_ORDER')),
  isSearchQueriesOnly: optional(flag),
  isRawPrompting: optional(flag),
  isEcho: optional(flag),
});

const types = /^(?:str|int|float|bool|list|dict|(?:List|Dict)\[.+\])$/;

/** What the shape does not say. */
export function checkCohere(request: JsonObject): void {
  const current = objects(request['toolResults']);
  if (request['message'] === '' && current.length === 0) invalid('message: must not be empty');
  if (request['message'] !== '' && current.length > 0) invalid('message: must be empty beside toolResults');
  for (const tool of objects(request['tools'])) checkTypes(tool);
  checkHistory(objects(request['chatHistory']), current);
}

function checkTypes(tool: JsonObject): void {
  const definitions = isJsonObject(tool['parameterDefinitions']) ? tool['parameterDefinitions'] : {};
  for (const definition of Object.values(definitions)) {
    const type = isJsonObject(definition) ? String(definition['type']) : '';
    // Seen: a bare List is an internal error and no refusal.
    if (type === 'List') throw new Refusal(ociError(500, 'InternalServerError', 'Internal error occurred'));
    if (!types.test(type)) invalid(`tools.${String(tool['name'])}: the type ${type} is not supported`);
  }
}

/** Results stand behind the turn with their calls: in the history, or as those of the current step. */
function checkHistory(history: readonly JsonObject[], current: readonly JsonObject[]): void {
  let open: string[] = [];
  const take = (given: readonly JsonObject[]) => {
    for (const result of given) {
      const at = open.indexOf(callText(result['call']));
      if (at === -1) invalid('toolResults: a result without its call');
      open.splice(at, 1);
    }
  };
  for (const turn of history) {
    if (turn['role'] === 'TOOL') take(objects(turn['toolResults']));
    else open = objects(turn['toolCalls']).map(callText);
  }
  take(current);
}

function callText(call: Json | undefined): string {
  return isJsonObject(call) ? JSON.stringify([call['name'], call['parameters']]) : '';
}
