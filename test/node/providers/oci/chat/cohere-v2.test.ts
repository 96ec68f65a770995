import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../../kit/json.ts';
import type { Answer, Conversation, Thinking } from '../../../../../node/conversation/contract.ts';
import { calledConversation, chatRequest, decode, encoded, lakeTool, sse, streamed, whole } from './oci-chat.ts';

const reasoning = 'cohere.command-a-reasoning-08-2025';
const vision = 'cohere.command-a-vision-07-2025';
const text = (text: string) => ({ type: 'TEXT', text });

describe('a COHEREV2 request', () => {
  it('has every field of the conversation that the format knows', () => {
    const messages = calledConversation('Bled');
    messages[0]!.parts.push({ type: 'image', mediaType: 'image/png', data: 'iVBORw==', detail: 'low' });
    messages[1]!.parts.unshift({ type: 'thinking', text: 'A lake.' });
    const { body, dropped } = encoded(reasoning, {
      system: [{ type: 'text', text: 'Be brief.' }],
      messages,
      tools: [{ ...lakeTool, strict: true }],
      toolChoice: { type: 'any' },
      parallelToolCalls: false,
      maxTokens: 1000,
      temperature: 0.4,
      topP: 0.9,
      topK: 40,
      seed: 11,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      stop: ['END'],
      thinking: { mode: 'on', budgetTokens: 500 },
      outputFormat: { type: 'json' },
      stream: true,
    });
    expect(body['chatRequest']).toEqual({
      apiFormat: 'COHEREV2',
      messages: [
        { role: 'SYSTEM', content: [text('Be brief.')] },
        {
          role: 'USER',
          content: [
            text('Depth of the lakes?'),
            { type: 'IMAGE_URL', imageUrl: { url: 'data:image/png;base64,iVBORw==', detail: 'LOW' } },
          ],
        },
        {
          role: 'ASSISTANT',
          content: [{ type: 'THINKING', thinking: 'A lake.' }],
          toolCalls: [
            { id: 'call_0', type: 'FUNCTION', function: { name: 'lake_info', arguments: '{"lake":"Bled"}' } },
          ],
        },
        { role: 'TOOL', toolCallId: 'call_0', content: [text('Bled: 30 m')] },
      ],
      isStream: true,
      streamOptions: { isIncludeUsage: true },
      maxTokens: 1000,
      temperature: 0.4,
      topP: 0.9,
      topK: 40,
      seed: 11,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      stopSequences: ['END'],
      responseFormat: { type: 'JSON_OBJECT' },
      thinking: { type: 'ENABLED', tokenBudget: 500 },
      tools: [
        {
          type: 'FUNCTION',
          function: { name: 'lake_info', description: 'Look a lake up', parameters: lakeTool.schema },
        },
      ],
      toolsChoice: 'REQUIRED',
      isStrictToolsEnabled: true,
    });
    expect(dropped).toEqual(['parallel_tool_calls']);
  });

  it('says nothing beside calls, and leaves thoughts out for models that have none', () => {
    const messages = calledConversation('Bled');
    messages[1]!.parts.unshift({ type: 'thinking', text: 'A lake.' });
    const { body, dropped } = encoded(vision, { messages, thinking: { mode: 'on' } });
    expect(body['chatRequest']).toMatchObject({ messages: [{}, { role: 'ASSISTANT', content: [] }, {}] });
    expect(body['chatRequest']).not.toHaveProperty('thinking');
    expect(dropped.toSorted()).toEqual(['messages.thinking', 'thinking']);
    expect(encoded(vision, { thinking: { mode: 'off' } }).dropped).toEqual([]);
  });

  const other = { name: 'other', schema: {}, strict: true };
  it.each<[Conversation['toolChoice'], string | undefined, string[]]>([
    [undefined, undefined, ['lake_info', 'other']],
    [{ type: 'auto' }, undefined, ['lake_info', 'other']],
    [{ type: 'none' }, 'NONE', ['lake_info', 'other']],
    [{ type: 'any' }, 'REQUIRED', ['lake_info', 'other']],
    [{ type: 'tool', name: 'other' }, 'REQUIRED', ['other']],
  ])('writes the choice %o as %s of %o', (toolChoice, choice, names) => {
    const fields = toolChoice === undefined ? {} : { toolChoice };
    const { body, dropped } = encoded(reasoning, { tools: [lakeTool, other], ...fields });
    const request = body['chatRequest'] as JsonObject;
    expect(request['toolsChoice']).toBe(choice);
    expect((request['tools'] as { function: { name: string } }[]).map((tool) => tool.function.name)).toEqual(names);
    expect(dropped).toEqual(names.length === 2 ? ['tools.strict'] : []);
    expect(chatRequest(reasoning, fields)).not.toHaveProperty('toolsChoice');
  });

  it.each<[Thinking, JsonObject]>([
    [{ mode: 'off' }, { type: 'DISABLED' }],
    [{ mode: 'on', effort: 'none' }, { type: 'DISABLED' }],
    [{ mode: 'adaptive' }, { type: 'ENABLED' }],
    [{ mode: 'on', effort: 'high' }, { type: 'ENABLED' }],
    [
      { mode: 'on', effort: 'low' },
      { type: 'ENABLED', tokenBudget: 250 },
    ],
    [
      { mode: 'on', budgetTokens: 5000 },
      { type: 'ENABLED', tokenBudget: 750 },
    ],
  ])('makes of %o the thinking %o', (thinking, expected) => {
    expect(chatRequest(reasoning, { thinking, maxTokens: 1000 })['thinking']).toEqual(expected);
  });
});

describe('a COHEREV2 stream', () => {
  const from = encoded(reasoning, { stream: true, tools: [lakeTool], stop: ['END'] });
  const event = (message: JsonObject, more: JsonObject = {}) => ({ apiFormat: 'COHEREV2', message, pad: 'a', ...more });
  const end = { apiFormat: 'COHEREV2', finishReason: 'TOOL_CALL', usage: { promptTokens: 3, completionTokens: 2 } };
  const callsOf = ({ parts }: Answer) =>
    parts.flatMap((part) => (part.type === 'tool_call' ? [[part.id, part.name, part.argumentsJson]] : []));

  it('is read with thoughts and text', () => {
    const answer = streamed(
      from,
      event({ content: [{ type: 'THINKING', thinking: 'A ' }] }, { id: 'r1' }),
      event({ content: { type: 'THINKING', thinking: 'lake.' } }),
      event({ toolPlan: 'I look. ' }),
      event({ content: [text('Bled')] }),
      { finishReason: 'COMPLETE' },
    );
    expect(answer).toMatchObject({
      id: 'r1',
      parts: [
        { type: 'thinking', text: 'A lake.' },
        { type: 'text', text: 'I look. Bled' },
      ],
      finish: 'stop',
    });
  });

  it('names the sequence that stopped it, where there is one', () => {
    expect(streamed(from, event({ content: 'a' }), { finishReason: 'STOP_SEQUENCE' })).toMatchObject({
      finish: 'stop_sequence',
      stopSequence: 'END',
    });
    const two = encoded(reasoning, { stream: true, stop: ['END', 'FIN'] });
    const answer = streamed(two, event({ content: 'a' }), { finishReason: 'STOP_SEQUENCE' });
    expect(answer.finish).toBe('stop_sequence');
    expect(answer).not.toHaveProperty('stopSequence');
  });

  const whole1 = { name: 'lake_info', arguments: '{"lake":"Bled"}' };
  it.each<[string, JsonObject[]]>([
    ['nested and whole', [event({ toolCalls: [{ id: 'a', type: 'FUNCTION', function: whole1 }] })]],
    ['flat and whole', [event({ toolCalls: [{ id: 'a', type: 'FUNCTION', ...whole1 }] })]],
    ['bare', [event({ toolCalls: { id: 'a', function: whole1 } })]],
    [
      'nested fragments',
      [
        event({ toolCalls: [{ id: 'a', type: 'FUNCTION', function: { name: 'lake_info', arguments: '' } }] }),
        event({ toolCalls: [{ function: { arguments: '{"lake"' } }] }),
        event({ toolCalls: [{ id: 'a', function: { arguments: ':"Bled"}' } }] }),
      ],
    ],
    [
      'flat fragments',
      [
        event({ toolCalls: [{ id: 'a', name: 'lake_info' }] }),
        event({ toolCalls: [{ arguments: '{"lake":"Bled"}' }] }),
      ],
    ],
  ])('takes calls that are %s', (_, events) => {
    const answer = streamed(from, ...events, end);
    expect(callsOf(answer)).toEqual([['a', 'lake_info', '{"lake":"Bled"}']]);
    expect(answer).toMatchObject({ finish: 'tool_calls', usage: { inputTotal: 3, outputTotal: 2 } });
  });

  it('may fail', () => {
    const failed = decode(from, sse({ apiFormat: 'COHEREV2', finishReason: 'ERROR', errorMessage: 'died' }));
    expect(failed).toMatchObject([{ type: 'fault', fault: { code: 'upstream_error' } }]);
  });

  it('and a whole answer say the same', () => {
    const message = { role: 'ASSISTANT', content: [text('Bled')], toolCalls: [{ id: 'a', function: whole1 }] };
    const chatResponse = { apiFormat: 'COHEREV2', id: 'r2', message, finishReason: 'TOOL_CALL' };
    expect(whole(from, { modelId: reasoning, chatResponse })).toEqual({
      id: 'r2',
      model: reasoning,
      parts: [
        { type: 'text', text: 'Bled' },
        { type: 'tool_call', id: 'a', name: 'lake_info', argumentsJson: '{"lake":"Bled"}' },
      ],
      finish: 'tool_calls',
      usage: {},
    });
  });
});
