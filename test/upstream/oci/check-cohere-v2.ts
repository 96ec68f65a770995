import { isJsonObject, type JsonObject } from '../../../kit/json.ts';
import { cohereShared } from './check-cohere.ts';
import { checkSchema } from './check-schema.ts';
import { invalid } from './errors.ts';
import { objects } from './objects.ts';
import { fields, flag, integer, list, oneOf, optional, record, type Shape, text, variants } from './shape.ts';

const textPart = { TEXT: { text } };
const image = { imageUrl: fields({ url: text, detail: optional(oneOf('AUTO', 'HIGH', 'LOW')) }) };
const parts = (more: Readonly<Record<string, Readonly<Record<string, Shape>>>>): Shape =>
  optional(list(variants('type', { ...textPart, ...more })));
const call = fields({ id: text, type: oneOf('FUNCTION'), function: fields({ name: text, arguments: text }) });
const tool = fields({
  type: oneOf('FUNCTION'),
  function: fields({ name: text, description: optional(text), parameters: optional(record) }),
});

/** `chatRequest` of Cohere's newer format: tools nested, unlike in the generic one, and another name for images. */
export const cohereV2Shape: Shape = fields({
  ...cohereShared,
  apiFormat: oneOf('COHEREV2'),
  messages: list(
    variants('role', {
      SYSTEM: { content: parts({}) },
      USER: { content: parts({ IMAGE_URL: image, DOCUMENT: { document: record } }) },
      ASSISTANT: {
        content: parts({ THINKING: { thinking: text } }),
        toolPlan: optional(text),
        toolCalls: optional(list(call)),
        citations: optional(list(record)),
      },
      TOOL: { toolCallId: text, content: parts({ DOCUMENT: { document: record } }) },
    }),
    Infinity,
    1,
  ),
  tools: optional(list(tool)),
  toolsChoice: optional(oneOf('REQUIRED', 'NONE')),
  isStrictToolsEnabled: optional(flag),
  thinking: optional(fields({ type: oneOf('ENABLED', 'DISABLED'), tokenBudget: optional(integer(1)) })),
  citationOptions: optional(fields({ mode: oneOf('FAST', 'ACCURATE', 'OFF') })),
  priority: optional(integer(0)),
});

/** What the shape does not say. */
export function checkCohereV2(request: JsonObject, model: string): void {
  let open = new Set<string>();
  for (const message of objects(request['messages'])) {
    const isEmpty = objects(message['content']).length === 0;
    const calls = objects(message['toolCalls']);
    if (isEmpty && calls.length === 0) invalid(`messages: a message of ${String(message['role'])} without content`);
    if (message['role'] === 'TOOL') {
      if (!open.delete(String(message['toolCallId']))) invalid('messages: a tool message without its call');
      continue;
    }
    if (open.size > 0) invalid('messages: a call without its tool message');
    open = new Set(calls.map(({ id }) => String(id)));
  }
  if (open.size > 0) invalid('messages: a call without its tool message');
  for (const { function: definition } of objects(request['tools'])) {
    if (!isJsonObject(definition) || !isJsonObject(definition['parameters'])) continue;
    checkSchema(definition['parameters'], model, `tools.${String(definition['name'])}`);
  }
}
