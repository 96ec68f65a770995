import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import type { Answer } from '../../../../node/conversation/contract.ts';
import { importSignature } from '../../../../node/conversation/signature.ts';
import { unfold } from '../../../../node/conversation/unfold.ts';
import { anthropicProtocol, withoutForeignThinking } from '../../../../node/protocols/anthropic/index.ts';
import { encodeAll } from './answers.ts';

const signature = importSignature('gemini', 'CoQB+/==')!;
const answer: Answer = {
  id: 'msg_1',
  model: 'm',
  parts: [
    { type: 'thinking', text: 'hm' },
    { type: 'tool_call', id: 'a', name: 'f', argumentsJson: '{}', signature },
    { type: 'tool_call', id: 'b', name: 'f', argumentsJson: '{}' },
  ],
  finish: 'tool_calls',
  usage: {},
};
const context = { model: 'm', requestId: 'r', framing: 'sse' as const, includeUsage: false, nowMs: 0 };

describe('signatures of calls', () => {
  const blocks = anthropicProtocol.encodeAnswer(answer, context)['content'] as JsonObject[];
  const next = { messages: [{ role: 'assistant', content: blocks }] };

  it('come back from the client on the call that they belong to', () => {
    const decoded = anthropicProtocol.decodeRequest(next, { model: 'm', stream: false });
    expect(decoded.messages[0]!.parts).toEqual(answer.parts);
  });

  it('are streamed in a block of their own in front of the call', () => {
    const starts = encodeAll(unfold(answer)).match(
      /"content_block":\{"type":"\w+"|"signature_delta","signature":"\w+/g,
    );
    expect(starts).toEqual([
      '"content_block":{"type":"thinking"',
      '"signature_delta","signature":"aiproxy0unsigned',
      '"content_block":{"type":"thinking"',
      '"signature_delta","signature":"aiproxy0gemini00CoQB',
      '"content_block":{"type":"tool_use"',
      '"content_block":{"type":"tool_use"',
    ]);
  });

  it('never reach an Anthropic upstream', () => {
    const sent = withoutForeignThinking(Buffer.from(JSON.stringify(next))).toString();
    expect(sent).not.toContain('aiproxy0');
    expect(sent).toContain('"id":"a"');
  });

  it('of other providers stay thoughts of their own', () => {
    const hidden = { type: 'thinking', thinking: '', signature: 'aiproxy0openai00abc' };
    const content = [hidden, { type: 'tool_use', id: 'a', name: 'f', input: {} }];
    const body = { messages: [{ role: 'assistant', content }] };
    const { messages } = anthropicProtocol.decodeRequest(body, { model: 'm', stream: false });
    expect(messages[0]!.parts.map((part) => part.type)).toEqual(['thinking', 'tool_call']);
  });
});
