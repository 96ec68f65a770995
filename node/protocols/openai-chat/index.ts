export { openaiChatDialect, openaiChatDialectWith, openaiChatProtocol } from './openai-chat.ts';
export { takesReasoningEffort, usesMaxCompletionTokens } from './model-family.ts';
