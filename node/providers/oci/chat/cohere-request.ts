import type { Conversation } from '../../../conversation/contract.ts';
import { openInliningAllowance } from '../../../protocols/tool-schema/inlining-allowance.ts';
import { encodeHistory } from './cohere-history.ts';
import { cohereSettings } from './cohere-settings.ts';
import { cohereTool } from './cohere-tool.ts';
import type { EncodedChatRequest, JsonObject, OciChatTarget } from './contract.ts';
import { systemText } from './system-text.ts';
import { refuseTooManyTools } from './tool-limit.ts';
import { cohereToolName, travellingNames } from './tool-names.ts';

/**
 * Cohere's first format: one message with the turns before it beside, tools with Python's types, no ids of calls, no
 * images, no choice of a tool.
 */
export function encodeCohere(
  conversation: Conversation,
  target: OciChatTarget,
  dropped: Set<string>,
): EncodedChatRequest {
  const chatRequest: JsonObject = {
    apiFormat: 'COHERE',
    ...encodeHistory(conversation.messages, dropped),
    ...cohereSettings(conversation, target, dropped),
  };
  const preamble = systemText(conversation.system);
  if (preamble !== '') chatRequest['preambleOverride'] = preamble;
  addTools(chatRequest, conversation, dropped);
  const { thinking } = conversation;
  if (thinking !== undefined && thinking.mode !== 'off') dropped.add('thinking');
  return { chatRequest, toolNames: travellingNames(conversation.tools, cohereToolName) };
}

/** Nobody can be kept from calling but by having no tools. */
function addTools(chatRequest: JsonObject, { tools, toolChoice }: Conversation, dropped: Set<string>): void {
  if (tools.length === 0 || toolChoice?.type === 'none') return;
  refuseTooManyTools(tools);
  const traits = { isGemini: false, allowance: openInliningAllowance() };
  chatRequest['tools'] = tools.map((tool) => cohereTool(tool, traits));
  if (toolChoice?.type === 'any' || toolChoice?.type === 'tool') dropped.add('tool_choice');
  if (tools.some(({ strict }) => strict === true)) dropped.add('tools.strict');
}
