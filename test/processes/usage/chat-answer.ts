import type { Tokens } from './token-ledger.ts';

const id = 'chatcmpl-1';
const created = 1_700_000_000;
export const answerTexts = ['One ', 'two ', 'three ', 'four ', 'five.'];

/** As OpenAI tells it: the prompt's count includes what came from the cache. */
function usageOf({ prompt, cacheRead, completion }: Tokens) {
  return {
    prompt_tokens: prompt + cacheRead,
    completion_tokens: completion,
    total_tokens: prompt + cacheRead + completion,
    prompt_tokens_details: { cached_tokens: cacheRead },
  };
}

export function chatAnswer(model: string, tokens: Tokens): object {
  const message = { role: 'assistant', content: answerTexts.join('') };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  return { id, object: 'chat.completion', created, model, choices, usage: usageOf(tokens) };
}

export function chatEvents(model: string, tokens: Tokens, includesUsage: boolean): string[] {
  const chunk = (choices: object[], rest: object = {}) =>
    `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created, model, choices, ...rest })}\n\n`;
  const delta = (fields: object, finish_reason: string | null = null) => [{ index: 0, delta: fields, finish_reason }];
  return [
    chunk(delta({ role: 'assistant', content: '' })),
    ...answerTexts.map((content) => chunk(delta({ content }))),
    chunk(delta({}, 'stop')),
    ...(includesUsage ? [chunk([], { usage: usageOf(tokens) })] : []),
    'data: [DONE]\n\n',
  ];
}
