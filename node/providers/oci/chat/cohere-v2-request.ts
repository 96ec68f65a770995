import type { Conversation, Tool } from '../../../conversation/contract.ts';
import { portableName } from '../../../protocols/portable-name.ts';
import { cohereSettings } from './cohere-settings.ts';
import { cohereThinking, takesCohereThinking } from './cohere-thinking.ts';
import { cohereV2Shape } from './cohere-v2-shape.ts';
import type { EncodedChatRequest, JsonObject, OciChatTarget } from './contract.ts';
import { encodeMessages } from './messages.ts';
import { refuseTooManyTools } from './tool-limit.ts';
import { travellingNames } from './tool-names.ts';
import { cleanToolSchema, type SchemaTraits } from '../../../protocols/tool-schema/clean-tool-schema.ts';
import { openInliningAllowance } from '../../../protocols/tool-schema/inlining-allowance.ts';

/** Cohere's second format, for images and for models that think. */
export function encodeCohereV2(
  conversation: Conversation,
  target: OciChatTarget,
  dropped: Set<string>,
): EncodedChatRequest {
  const takesThinking = takesCohereThinking(target.model);
  const settings = cohereSettings(conversation, target, dropped);
  const chatRequest: JsonObject = {
    apiFormat: 'COHEREV2',
    messages: encodeMessages(conversation, cohereV2Shape(takesThinking), dropped),
    ...settings,
  };
  const thinking = cohereThinking(conversation.thinking, Number(settings['maxTokens']));
  if (takesThinking && thinking !== undefined) chatRequest['thinking'] = thinking;
  else if (thinking !== undefined && thinking['type'] === 'ENABLED') dropped.add('thinking');
  addTools(chatRequest, conversation, dropped);
  return { chatRequest, toolNames: travellingNames(conversation.tools, portableName) };
}

/** One tool cannot be named: it is the only one offered, and a call is required. */
function addTools(chatRequest: JsonObject, { tools, toolChoice }: Conversation, dropped: Set<string>): void {
  if (tools.length === 0) return;
  const named = toolChoice?.type === 'tool' ? tools.filter(({ name }) => name === toolChoice.name) : [];
  const offered = named.length > 0 ? named : tools;
  refuseTooManyTools(offered);
  const traits = { isGemini: false, allowance: openInliningAllowance() };
  chatRequest['tools'] = offered.map((tool) => encodeTool(tool, traits));
  if (toolChoice?.type === 'none') chatRequest['toolsChoice'] = 'NONE';
  else if (toolChoice !== undefined && toolChoice.type !== 'auto') chatRequest['toolsChoice'] = 'REQUIRED';
  if (offered.every(({ strict }) => strict === true)) chatRequest['isStrictToolsEnabled'] = true;
  else if (offered.some(({ strict }) => strict === true)) dropped.add('tools.strict');
}

function encodeTool({ name, description, schema }: Tool, traits: SchemaTraits): JsonObject {
  const definition: JsonObject = {
    name: portableName(name),
    parameters: cleanToolSchema(schema, traits),
  };
  if (description !== undefined) definition['description'] = description;
  return { type: 'FUNCTION', function: definition };
}
