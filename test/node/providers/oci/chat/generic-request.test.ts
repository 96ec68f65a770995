import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../../../../node/conversation/contract.ts';
import { calledConversation, chatRequest, encoded, lakeTool } from './oci-chat.ts';

const everything: Partial<Conversation> = {
  system: [{ type: 'text', text: 'Be brief.' }],
  tools: [{ ...lakeTool, strict: true }],
  toolChoice: { type: 'tool', name: 'lake_info' },
  parallelToolCalls: false,
  maxTokens: 900,
  temperature: 0.4,
  topP: 0.9,
  topK: 40,
  seed: 11,
  presencePenalty: 0.1,
  frequencyPenalty: 0.2,
  stop: ['END', '###'],
  thinking: { mode: 'on', effort: 'low' },
  outputFormat: { type: 'json_schema', name: 'lake', schema: { type: 'object', title: 'kept' }, strict: true },
  promptCacheKey: 'k',
  stream: true,
};

describe('a GENERIC request', () => {
  it('has every field of the conversation that the format knows', () => {
    const { body, dropped } = encoded('xai.grok-4', everything);
    expect(body).toEqual({
      compartmentId: 'ocid1.compartment.oc1..example',
      servingMode: { servingType: 'ON_DEMAND', modelId: 'xai.grok-4' },
      chatRequest: {
        apiFormat: 'GENERIC',
        messages: [
          { role: 'SYSTEM', content: [{ type: 'TEXT', text: 'Be brief.' }] },
          { role: 'USER', content: [{ type: 'TEXT', text: 'Depth of Lake Bled?' }] },
        ],
        isStream: true,
        streamOptions: { isIncludeUsage: true },
        maxTokens: 900,
        temperature: 0.4,
        topP: 0.9,
        topK: 40,
        seed: 11,
        frequencyPenalty: 0.2,
        presencePenalty: 0.1,
        tools: [{ type: 'FUNCTION', name: 'lake_info', description: 'Look a lake up', parameters: lakeTool.schema }],
        toolChoice: { type: 'FUNCTION', name: 'lake_info' },
        isParallelToolCalls: false,
        reasoningEffort: 'LOW',
        stop: ['END', '###'],
        responseFormat: {
          type: 'JSON_SCHEMA',
          jsonSchema: { name: 'lake', schema: { type: 'object', title: 'kept' }, isStrict: true },
        },
      },
    });
    expect(dropped.toSorted()).toEqual(['prompt_cache_key', 'tools.strict']);
  });

  it('holds a bound and no streamOptions where the client asks for neither', () => {
    expect(chatRequest('xai.grok-4')).toEqual({
      apiFormat: 'GENERIC',
      messages: [{ role: 'USER', content: [{ type: 'TEXT', text: 'Depth of Lake Bled?' }] }],
      isStream: false,
      maxTokens: 2048,
    });
  });

  it.each([
    ['openai.gpt-5', 'maxCompletionTokens', 'maxTokens'],
    ['openai.gpt-4.1', 'maxCompletionTokens', 'maxTokens'],
    ['openai.gpt-oss-120b', 'maxTokens', 'maxCompletionTokens'],
    ['meta.llama-3.3-70b-instruct', 'maxTokens', 'maxCompletionTokens'],
  ])('bounds %s by %s', (model, used, unused) => {
    const request = chatRequest(model, { maxTokens: 50 });
    expect(request[used]).toBe(50);
    expect(request).not.toHaveProperty(unused);
  });

  it('leaves temperature and topP out for gpt-5 and says so', () => {
    const { body, dropped } = encoded('openai.gpt-5-mini', { temperature: 0.3, topP: 0.5, seed: 1 });
    expect(body['chatRequest']).not.toHaveProperty('temperature');
    expect(body['chatRequest']).not.toHaveProperty('topP');
    expect(body['chatRequest']).toHaveProperty('seed', 1);
    expect(dropped).toEqual(['temperature', 'top_p']);
    expect(chatRequest('openai.gpt-oss-20b', { temperature: 0.3 })).toHaveProperty('temperature', 0.3);
  });

  it.each([
    [{ type: 'auto' as const }, { type: 'AUTO' }],
    [{ type: 'any' as const }, { type: 'REQUIRED' }],
    [{ type: 'none' as const }, { type: 'NONE' }],
  ])('writes the choice %o as %o', (toolChoice, expected) => {
    expect(chatRequest('xai.grok-4', { tools: [lakeTool], toolChoice })['toolChoice']).toEqual(expected);
    expect(chatRequest('xai.grok-4', { toolChoice })).not.toHaveProperty('toolChoice');
  });

  it.each([
    [{ mode: 'on' as const, effort: 'xhigh' as const }, 'xai.grok-3-mini', 'HIGH', []],
    [{ mode: 'off' as const, effort: 'none' as const }, 'google.gemini-2.5-flash', 'NONE', []],
    [{ mode: 'on' as const, budgetTokens: 1024 }, 'openai.gpt-oss-120b', 'LOW', []],
    [{ mode: 'on' as const, budgetTokens: 30_000 }, 'google.gemini-2.5-pro', 'HIGH', []],
    [{ mode: 'on' as const, budgetTokens: 1024 }, 'xai.grok-4', undefined, ['thinking']],
    [{ mode: 'off' as const }, 'xai.grok-4', undefined, []],
  ])('makes of %o for %s the effort %s', (thinking, model, effort, lost) => {
    const { body, dropped } = encoded(model, { thinking });
    expect((body['chatRequest'] as Record<string, unknown>)['reasoningEffort']).toBe(effort);
    expect(dropped).toEqual(lost);
  });

  it.each([
    [{ type: 'text' as const }, { type: 'TEXT' }],
    [{ type: 'json' as const }, { type: 'JSON_OBJECT' }],
    [
      { type: 'json_schema' as const, schema: { type: 'object' } },
      { type: 'JSON_SCHEMA', jsonSchema: { name: 'answer', schema: { type: 'object' } } },
    ],
  ])('writes the format %o', (outputFormat, expected) => {
    expect(chatRequest('xai.grok-4', { outputFormat })['responseFormat']).toEqual(expected);
  });

  it('travels under names that the format takes', () => {
    const name = 'files.read:all';
    const request = chatRequest('xai.grok-4', {
      tools: [{ name, schema: {} }],
      toolChoice: { type: 'tool', name },
      messages: [
        ...calledConversation('Bled'),
        { role: 'assistant', parts: [{ type: 'tool_call', id: 'x', name, argumentsJson: '{}' }] },
      ],
    });
    const [tool] = request['tools'] as { name: string }[];
    expect(tool?.name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(request['toolChoice']).toEqual({ type: 'FUNCTION', name: tool?.name });
    expect(JSON.stringify(request['messages'])).toContain(`"name":"${tool?.name}"`);
  });

  it('refuses more tools than the provider takes', () => {
    const tools = Array.from({ length: 129 }, (_, index) => ({ name: `t${index}`, schema: {} }));
    expect(() => encoded('xai.grok-4', { tools })).toThrow(/at most 128/);
  });

  it('tells Llama to answer after eight calls in a row, whatever stands beside the results', () => {
    const turn = (index: number): Conversation['messages'] => [
      { role: 'assistant', parts: [{ type: 'tool_call', id: `c${index}`, name: 'lake_info', argumentsJson: '{}' }] },
      {
        role: 'user',
        parts: [
          { type: 'tool_result', callId: `c${index}`, content: [{ type: 'text', text: 'ok' }] },
          { type: 'text', text: 'a reminder' },
        ],
      },
    ];
    const first: Conversation['messages'] = [{ role: 'user', parts: [{ type: 'text', text: 'go' }] }];
    const turns = (count: number) => ({
      tools: [lakeTool],
      toolChoice: { type: 'any' as const },
      messages: [...first, ...Array.from({ length: count }, (_, index) => turn(index)).flat()],
    });
    expect(chatRequest('meta.llama-3.3-70b-instruct', turns(7))['toolChoice']).toEqual({ type: 'REQUIRED' });
    const eighth = encoded('meta.llama-3.3-70b-instruct', turns(8));
    expect(eighth.body['chatRequest']).toHaveProperty('toolChoice', { type: 'NONE' });
    expect(eighth.dropped).toEqual(['tool_choice']);
    expect(chatRequest('xai.grok-4', turns(8))['toolChoice']).toEqual({ type: 'REQUIRED' });
    const again = turns(8);
    again.messages.push({ role: 'user', parts: [{ type: 'text', text: 'and now?' }] });
    expect(chatRequest('meta.llama-3.3-70b-instruct', again)['toolChoice']).toEqual({ type: 'REQUIRED' });
  });

  it('reports cache marks', () => {
    const { dropped } = encoded('xai.grok-4', {
      system: [{ type: 'text', text: 's', cacheControl: { type: 'ephemeral' } }],
    });
    expect(dropped).toEqual(['cache_control']);
  });
});
