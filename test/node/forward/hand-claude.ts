import { claudeCustomProvider } from '../../../node/providers/claude-custom/index.ts';
import type { Upstream } from '../../../node/providers/contract.ts';
import { providerEnvironment } from '../../suites/provider-environment.ts';

/** An upstream that speaks as Anthropic's do. */
export function handClaude(origin: string): Upstream {
  return claudeCustomProvider.open(
    {
      id: 'claude',
      provider: 'claude-custom',
      ...claudeCustomProvider.credential.parse({ base_url: origin, api_key: 'sk-c' }),
    },
    providerEnvironment(),
  );
}

/** Text of one of Anthropic's events. */
export function claudeEvent(type: string, more: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
}

/** The beginning of a stream: 10 tokens of prompt, 3 read from the cache and 2 written to it; then these words, one delta each. */
export function claudeBeginning(words: readonly string[]): string {
  const usage = { input_tokens: 10, cache_read_input_tokens: 3, cache_creation_input_tokens: 2, output_tokens: 1 };
  return [
    claudeEvent('message_start', { message: { id: 'msg', role: 'assistant', model: 'm', content: [], usage } }),
    claudeEvent('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    ...words.map((text) => claudeEvent('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
  ].join('');
}

/** Its end: 7 tokens of answer. */
export const claudeEnding = [
  claudeEvent('content_block_stop', { index: 0 }),
  claudeEvent('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } }),
  claudeEvent('message_stop'),
].join('');
