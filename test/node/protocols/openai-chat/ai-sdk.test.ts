/** The AI SDK checks every chunk against a schema; many clients are built on it. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { jsonSchema, streamText, tool } from 'ai';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../../node/conversation/contract.ts';
import { unfold } from '../../../../node/conversation/unfold.ts';
import { openaiChatProtocol } from '../../../../node/protocols/openai-chat/index.ts';

const answer: Answer = {
  id: 'chatcmpl-7',
  model: 'm',
  parts: [
    { type: 'thinking', text: 'hm', signature: 'c2ln' },
    { type: 'text', text: 'Two lakes.' },
    {
      type: 'tool_call',
      id: 'call_1',
      name: 'lake',
      argumentsJson: '{"name":"Bled"}',
      signature: 'aiproxy0gemini00AY89',
    },
    { type: 'tool_call', id: 'call_2', name: 'lake', argumentsJson: '{"name":"Bohinj"}' },
  ],
  finish: 'tool_calls',
  usage: { inputTotal: 20, outputTotal: 8, cacheRead: 16, reasoning: 3 },
};

function streamOf(answer: Answer): string {
  const encoder = openaiChatProtocol.openEncoder({
    model: 'm',
    requestId: 'r',
    framing: 'sse',
    includeUsage: true,
    nowMs: 1_700_000_000_000,
  });
  return (
    unfold(answer)
      .map((event) => encoder.push(event))
      .join('') + encoder.end()
  );
}

describe('the AI SDK', () => {
  it('reads our stream: reasoning, text, both calls, usage and the end', async () => {
    const provider = createOpenAICompatible({
      name: 'aiproxy',
      baseURL: 'http://127.0.0.1:1/v1',
      includeUsage: true,
      fetch: async () => new Response(streamOf(answer), { headers: { 'content-type': 'text/event-stream' } }),
    });
    const inputSchema = jsonSchema<{ name: string }>({ type: 'object', properties: { name: { type: 'string' } } });
    const result = streamText({
      model: provider('m'),
      prompt: 'hi',
      tools: { lake: tool({ description: 'Tells of a lake.', inputSchema }) },
    });
    expect(await result.text).toBe('Two lakes.');
    expect(await result.reasoningText).toBe('hm');
    expect(await result.finishReason).toBe('tool-calls');
    expect((await result.toolCalls).map(({ toolCallId, input }) => [toolCallId, input])).toEqual([
      ['call_1', { name: 'Bled' }],
      ['call_2', { name: 'Bohinj' }],
    ]);
    expect((await result.usage).inputTokens).toBe(20);
  });
});
