import type { Conversation } from '../../conversation/contract.ts';

/** What a conversation asks for that the format has no field for, in snake case. Stop sequences are not among it: the reader applies them. */
export function droppedFields(conversation: Conversation): string[] {
  const { toolChoice, outputFormat, parallelToolCalls, tools } = conversation;
  const asked: readonly (readonly [name: string, isAsked: boolean])[] = [
    ['max_tokens', conversation.maxTokens !== undefined],
    ['temperature', conversation.temperature !== undefined],
    ['top_p', conversation.topP !== undefined],
    ['top_k', conversation.topK !== undefined],
    ['seed', conversation.seed !== undefined],
    ['presence_penalty', conversation.presencePenalty !== undefined],
    ['frequency_penalty', conversation.frequencyPenalty !== undefined],
    ['tool_choice', toolChoice?.type === 'any' || toolChoice?.type === 'tool'],
    ['parallel_tool_calls', parallelToolCalls === false && tools.length > 0],
    ['output_format', outputFormat !== undefined && outputFormat.type !== 'text'],
    ['prompt_cache_key', conversation.promptCacheKey !== undefined],
    ['tools.strict', tools.some((tool) => tool.strict === true)],
    ['cache_control', hasCacheMark(conversation)],
  ];
  return asked.flatMap(([name, isAsked]) => (isAsked ? [name] : []));
}

/** The service caches on its own, or not at all. */
function hasCacheMark({ system, messages, tools }: Conversation): boolean {
  const isMarked = (part: object) => 'cacheControl' in part && part.cacheControl !== undefined;
  return system.some(isMarked) || tools.some(isMarked) || messages.some(({ parts }) => parts.some(isMarked));
}
