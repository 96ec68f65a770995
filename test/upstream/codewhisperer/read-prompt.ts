import { sniffImage } from '../image-facts.ts';
import type { Prompt } from '../prompt.ts';
import type { ChatBody } from './check-body.ts';
import { asksForThinking, withoutThinkingTags } from './thinking-tags.ts';

/** An answer as short as this to the first message acknowledges a system prompt. */
const acknowledgementLengthMax = 40;

const systemPart = /--- SYSTEM PROMPT BEGIN ---\n([^]*?)\n--- SYSTEM PROMPT END ---\s*/;
const contextPart = /--- CONTEXT ENTRY BEGIN ---\n[^]*?\n--- CONTEXT ENTRY END ---\s*/g;
const userPart = /--- USER MESSAGE BEGIN ---\n([^]*?)\n?--- USER MESSAGE END ---/;

/** What the scripted model sees of a checked body. The operation has no bound, stop sequences or choice of tools. */
export function readPrompt(body: ChatBody): Prompt {
  const { current, history } = body;
  return {
    model: current.modelId ?? '',
    system: systemOf(body),
    text: spokenText(current.content),
    results: current.results.map(({ id, text, isError }) => ({ callId: id, text, isError })),
    images: current.images.map((image) => {
      const { source } = image as { source: { bytes: string } };
      return sniffImage(source.bytes) ?? { mediaType: 'unknown', bytes: 0 };
    }),
    roles: [...history, current].map(({ role }) => role.charAt(0)).join(''),
    tools: current.tools,
    forced: undefined,
    forbidsTools: false,
    forbidsParallel: false,
    maxTokens: undefined,
    stop: [],
    wantsThinking: asksByTags(body) || body.wantsReasoning,
    jsonSchema: undefined,
    inputTokens: body.inputTokens,
    cachePrefix: undefined,
  };
}

/** Tags stand beside the user's text or before the system prompt. */
export function asksByTags({ current, history }: ChatBody): boolean {
  return asksForThinking(current.content) || asksForThinking(history[0]?.content ?? '');
}

function systemOf({ current, history }: ChatBody): string {
  const [first = current, second] = history;
  const marked = systemPart.exec(first.content)?.[1];
  if (marked !== undefined) return marked;
  const isPair = second?.role === 'assistant' && second.uses.length === 0;
  return isPair && second.content.length <= acknowledgementLengthMax ? withoutThinkingTags(first.content) : '';
}

function spokenText(content: string): string {
  const plain = withoutThinkingTags(content).replace(systemPart, '').replaceAll(contextPart, '');
  return userPart.exec(plain)?.[1] ?? plain;
}
