export { openaiChatDialect, openaiChatDialectWith, openaiChatProtocol } from './openai-chat.ts';
export { usesMaxCompletionTokens } from './model-family.ts';
