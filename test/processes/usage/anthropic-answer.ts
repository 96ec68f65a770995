import { answerTexts } from './chat-answer.ts';
import type { Tokens } from './token-ledger.ts';

/** As Anthropic tells it: the kinds apart. */
function usageOf({ prompt, cacheRead, cacheWrite }: Tokens, output: number) {
  return {
    input_tokens: prompt,
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: cacheWrite,
    output_tokens: output,
  };
}

export function anthropicAnswer(model: string, tokens: Tokens): object {
  return {
    ...head(model),
    content: [{ type: 'text', text: answerTexts.join('') }],
    stop_reason: 'end_turn',
    usage: usageOf(tokens, tokens.completion),
  };
}

export function anthropicEvents(model: string, tokens: Tokens): string[] {
  const event = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const block = (type: string, fields: object) => event(type, { index: 0, ...fields });
  return [
    event('message_start', { message: { ...head(model), usage: usageOf(tokens, 1) } }),
    block('content_block_start', { content_block: { type: 'text', text: '' } }),
    ...answerTexts.map((text) => block('content_block_delta', { delta: { type: 'text_delta', text } })),
    block('content_block_stop', {}),
    event('message_delta', {
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: tokens.completion },
    }),
    event('message_stop', {}),
  ];
}

function head(model: string) {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
}
