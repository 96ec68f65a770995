import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../../../../node/conversation/contract.ts';
import { calledConversation, chatRequest, encoded, lakeTool } from './oci-chat.ts';

const model = 'cohere.command-r-08-2024';
const request = (fields: Partial<Conversation>) => chatRequest(model, fields);

describe('a COHERE request', () => {
  it('has every field of the conversation that the format knows', () => {
    const { body, dropped } = encoded(model, {
      system: [{ type: 'text', text: 'Be brief.' }],
      tools: [{ ...lakeTool, strict: true }],
      toolChoice: { type: 'any' },
      parallelToolCalls: false,
      maxTokens: 1000,
      temperature: 0.4,
      topP: 0.9,
      topK: 900,
      seed: 11,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      stop: ['END'],
      thinking: { mode: 'on', budgetTokens: 2000 },
      outputFormat: { type: 'json_schema', name: 'lake', schema: { type: 'object' }, strict: true },
      stream: true,
    });
    expect(body['chatRequest']).toEqual({
      apiFormat: 'COHERE',
      message: 'Depth of Lake Bled?',
      isStream: true,
      streamOptions: { isIncludeUsage: true },
      maxTokens: 1000,
      temperature: 0.4,
      topP: 0.9,
      topK: 500,
      seed: 11,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      stopSequences: ['END'],
      responseFormat: { type: 'JSON_OBJECT', schema: { type: 'object' } },
      preambleOverride: 'Be brief.',
      tools: [
        {
          name: 'lake_info',
          description: 'Look a lake up',
          parameterDefinitions: { lake: { type: 'str', description: 'name', isRequired: true } },
        },
      ],
    });
    expect(dropped.toSorted()).toEqual(['parallel_tool_calls', 'thinking', 'tool_choice', 'tools.strict']);
  });

  it('gives the results of the current step beside an empty message', () => {
    expect(request({ messages: calledConversation('Bled', 'Bled') })).toEqual({
      apiFormat: 'COHERE',
      chatHistory: [
        { role: 'USER', message: 'Depth of the lakes?' },
        {
          role: 'CHATBOT',
          message: '',
          toolCalls: [
            { name: 'lake_info', parameters: { lake: 'Bled' } },
            { name: 'lake_info', parameters: { lake: 'Bled' } },
          ],
        },
      ],
      message: '',
      toolResults: [
        { call: { name: 'lake_info', parameters: { lake: 'Bled' } }, outputs: [{ output: 'Bled: 30 m' }] },
        { call: { name: 'lake_info', parameters: { lake: 'Bled' } }, outputs: [{ output: 'Bled: 30 m' }] },
      ],
      isStream: false,
      maxTokens: 2048,
    });
  });

  it('puts earlier results, and those that the user adds to, into the history', () => {
    const messages = calledConversation('Bled');
    messages[2]!.parts.push({ type: 'text', text: 'Deep?' });
    messages.push(
      {
        role: 'assistant',
        parts: [
          { type: 'thinking', text: 'hm' },
          { type: 'text', text: 'Yes.' },
        ],
      },
      { role: 'system', parts: [{ type: 'text', text: 'In French.' }] },
      { role: 'user', parts: [{ type: 'document', name: 'a.txt', text: 'hello' }] },
    );
    const { body, dropped } = encoded(model, { messages });
    expect(body['chatRequest']).toMatchObject({
      chatHistory: [
        { role: 'USER', message: 'Depth of the lakes?' },
        { role: 'CHATBOT', message: '', toolCalls: [{ name: 'lake_info', parameters: { lake: 'Bled' } }] },
        {
          role: 'TOOL',
          toolResults: [
            { call: { name: 'lake_info', parameters: { lake: 'Bled' } }, outputs: [{ output: 'Bled: 30 m' }] },
          ],
        },
        { role: 'USER', message: 'Deep?' },
        { role: 'CHATBOT', message: 'Yes.' },
        { role: 'SYSTEM', message: 'In French.' },
      ],
      message: 'a.txt\n\nhello',
    });
    expect(body['chatRequest']).not.toHaveProperty('toolResults');
    expect(dropped).toEqual(['messages.thinking']);
  });

  it('finds a message in any conversation', () => {
    expect(request({ messages: [] })).toMatchObject({ message: ' ' });
    const [user, assistant] = [
      { role: 'user' as const, parts: [{ type: 'text' as const, text: 'a' }] },
      { role: 'assistant' as const, parts: [{ type: 'text' as const, text: 'b' }] },
    ];
    expect(request({ messages: [user, assistant] })).toMatchObject({
      message: 'Continue.',
      chatHistory: [
        { role: 'USER', message: 'a' },
        { role: 'CHATBOT', message: 'b' },
      ],
    });
    const system = { role: 'system' as const, parts: [{ type: 'text' as const, text: 's' }] };
    expect(request({ messages: [user, system] })).toMatchObject({
      message: 'a',
      chatHistory: [{ role: 'SYSTEM', message: 's' }],
    });
  });

  it('says what went wrong with a call, keeps digits, reads documents of results, refuses audio', () => {
    const messages = calledConversation('Bled');
    const [call] = messages[1]!.parts;
    if (call?.type === 'tool_call') call.argumentsJson = '{"id":90071992547409931}';
    messages[2]!.parts = [
      { type: 'tool_result', callId: 'call_0', content: [{ type: 'document', text: 'none' }], isError: true },
    ];
    const sent = JSON.stringify(request({ messages }));
    expect(sent).toContain('"parameters":{"id":90071992547409931}');
    expect(sent).toContain('"outputs":[{"output":"Error: none"}]');
    expect(() =>
      request({ messages: [{ role: 'user', parts: [{ type: 'audio', format: 'wav', data: '' }] }] }),
    ).toThrow(expect.objectContaining({ code: 'unsupported_field' }));
  });

  it('offers no tools where none may be called', () => {
    const { body, dropped } = encoded(model, { tools: [lakeTool], toolChoice: { type: 'none' } });
    expect(body['chatRequest']).not.toHaveProperty('tools');
    expect(dropped).toEqual([]);
  });

  it('writes parameters with the types of Python, and what is nested into the description', () => {
    const schema = {
      type: 'object',
      $defs: { place: { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] } },
      properties: {
        n: { type: 'integer' },
        f: { type: 'number', minimum: 0 },
        b: { type: 'boolean', description: 'yes or no' },
        l: { type: 'array', items: { type: 'string' } },
        li: { type: 'array', items: { type: 'integer' }, description: 'ids' },
        o: { $ref: '#/$defs/place', description: 'where' },
        e: { enum: ['a', 'b'] },
        any: {},
      },
      required: ['n'],
    };
    const [tool] = request({ tools: [{ name: 't', schema }] })['tools'] as unknown[];
    expect(tool).toEqual({
      name: 't',
      description: 't',
      parameterDefinitions: {
        n: { type: 'int', isRequired: true },
        f: { type: 'float', isRequired: false, description: 'JSON Schema: {"minimum":0}' },
        b: { type: 'bool', isRequired: false, description: 'yes or no' },
        l: { type: 'list', isRequired: false },
        li: { type: 'list', isRequired: false, description: 'ids JSON Schema: {"items":{"type":"integer"}}' },
        o: {
          type: 'dict',
          isRequired: false,
          description: 'where JSON Schema: {"properties":{"x":{"type":"number"}},"required":["x"]}',
        },
        e: { type: 'str', isRequired: false, description: 'JSON Schema: {"enum":["a","b"]}' },
        any: { type: 'str', isRequired: false },
      },
    });
  });

  it.each([
    ['lake_info', /^lake_info$/],
    ['lake-info', /^lake_info_[0-9a-f]{8}$/],
    ['2fast', /^_2fast_[0-9a-f]{8}$/],
    ['x'.repeat(100), /^x{55}_[0-9a-f]{8}$/],
  ])('calls the tool %s by a name of a variable, the same in its history', (name, expected) => {
    const sent = request({
      tools: [{ name, schema: {} }],
      messages: [
        { role: 'user', parts: [{ type: 'text', text: 'go' }] },
        { role: 'assistant', parts: [{ type: 'tool_call', id: 'a', name, argumentsJson: '{}' }] },
      ],
    });
    const [tool] = sent['tools'] as { name: string }[];
    expect(tool!.name).toMatch(expected);
    expect(sent['toolResults']).toMatchObject([{ call: { name: tool!.name } }]);
  });
});
