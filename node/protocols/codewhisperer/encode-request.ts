import type { JsonObject } from '../../../kit/json.ts';
import type { Conversation, Message } from '../../conversation/contract.ts';
import { carriedMessages } from './carried-messages.ts';
import type { CodewhispererTraits, EncodeCodewhisperer } from './contract.ts';
import { droppedFields } from './dropped-fields.ts';
import { EntryEncoder } from './encode-entries.ts';
import { type EncodedThinking, encodeThinking } from './encode-thinking.ts';
import { encodeTools } from './encode-tools.ts';
import { estimateInputTokens } from './estimate-input.ts';
import { flattenTools } from './flatten-tools.ts';
import { withinImageAllowance } from './image-allowance.ts';
import { SentToolNames } from './sent-tool-names.ts';
import { wholeHistory } from './whole-history.ts';
import { wishesInWords } from './wishes-in-words.ts';

/** The model's answer to the system prompt, which the format only carries as a turn of its own. */
const acknowledgement = 'Understood.';

/**
 * A conversation as the body of `GenerateAssistantResponse`. Throws `unsupported_field` and `invalid_request` for what
 * cannot be carried; what is left out is reported.
 */
export const encodeRequest: EncodeCodewhisperer = (conversation, traits, contextTokens) => {
  const { messages, dropped } = fittingMessages(conversation, traits);
  const current = messages.at(-1)!;
  const thinking = encodeThinking(conversation.thinking, conversation.model, traits.thinking, answersCalls(current));
  const tools = declaredTools(conversation);
  const names = new SentToolNames(tools.map((tool) => tool.name));
  const entries = new EntryEncoder(conversation.model, traits, names);
  const history = messages.slice(0, -1).map((message) => entries.entry(message));
  const turn = entries.turn(current);
  if (thinking.textTags !== undefined) turn.content += `\n${thinking.textTags}`;
  const encoded = encodeTools(tools, names, traits.toolDescriptionBytesMax);
  const state = stateOf(traits);
  const whole = [...systemPair(conversation, thinking, encoded.overflow, entries), ...history];
  if (whole.length > 0) state['history'] = whole;
  state['currentMessage'] = entries.user(turn, encoded.tools);
  return {
    body: bodyOf(state, traits, thinking),
    dropped: [...droppedFields(conversation), ...dropped, ...(thinking.isDropped ? ['thinking'] : [])],
    reading: {
      model: conversation.model,
      toolNames: names.changed(),
      stop: conversation.stop,
      readsThinkingTags: thinking.readsTags,
      estimatedInputTokens: estimateInputTokens(state),
      contextTokens,
    },
  };
};

/** Without tools to declare, calls of earlier turns travel as text: the service refuses them, and none may be made. */
function declaredTools({ toolChoice, tools }: Conversation): Conversation['tools'] {
  return toolChoice?.type === 'none' ? [] : tools;
}

function fittingMessages(
  conversation: Conversation,
  { thinking }: CodewhispererTraits,
): { messages: Message[]; dropped: string[] } {
  const carried = carriedMessages(conversation.messages, thinking === 'native');
  const whole = wholeHistory(carried.messages);
  const { messages, isCut } = withinImageAllowance(
    declaredTools(conversation).length === 0 ? flattenTools(whole) : whole,
  );
  return { messages, dropped: isCut ? [...new Set([...carried.dropped, 'messages.image'])] : carried.dropped };
}

function answersCalls(message: Message): boolean {
  return message.parts.some((part) => part.type === 'tool_result');
}

/** The system prompt as the first turn of the history, where every later turn finds it, tool results included. */
function systemPair(
  conversation: Conversation,
  { systemTags }: EncodedThinking,
  overflow: readonly string[],
  entries: EntryEncoder,
): JsonObject[] {
  const prompt = conversation.system.filter(({ text }) => text.trim() !== '').map(({ text }) => text.toWellFormed());
  const texts = [...prompt, ...overflow, ...wishesInWords(conversation)];
  if (texts.length === 0 && systemTags === undefined) return [];
  const content = [...(systemTags === undefined ? [] : [systemTags]), texts.join('\n\n')].join('\n').trimEnd();
  return [
    entries.user({ content, images: [], toolResults: [] }),
    { assistantResponseMessage: { content: acknowledgement } },
  ];
}

function stateOf(traits: CodewhispererTraits): JsonObject {
  const state: JsonObject = { conversationId: traits.conversationId };
  if (traits.agentContinuationId !== undefined) state['agentContinuationId'] = traits.agentContinuationId;
  if (traits.agentTaskType !== undefined) state['agentTaskType'] = traits.agentTaskType;
  state['chatTriggerType'] = 'MANUAL';
  return state;
}

function bodyOf(state: JsonObject, { profileArn }: CodewhispererTraits, { fields }: EncodedThinking): JsonObject {
  const body: JsonObject = profileArn === undefined ? {} : { profileArn };
  body['conversationState'] = state;
  if (fields !== undefined) body['additionalModelRequestFields'] = fields;
  return body;
}
