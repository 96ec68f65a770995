import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import type { Conversation, Part } from '../../../../node/conversation/contract.ts';
import type { CodewhispererTraits } from '../../../../node/protocols/codewhisperer/contract.ts';
import { encodeRequest } from '../../../../node/protocols/codewhisperer/encode-request.ts';
import { conversation, pngBase64 } from '../../../suites/conversations.ts';
import {
  amazonq,
  assistant,
  call,
  encode,
  image,
  kiro,
  part,
  refusalOf,
  result,
  runtime,
  specs,
  texts,
  user,
  weather,
} from './encoded.ts';

describe('tools', () => {
  it('are declared with the current message alone', () => {
    const { body } = encode([user('a'), assistant(call('1')), user(result('1')), assistant('b'), user('c')]);
    expect(specs(body).map(({ name }) => name)).toEqual(['weather']);
  });

  it.each<[string, string]>([
    ['weather', 'weather'],
    ['a-b_C9', 'a-b_C9'],
    ['mcp.server:tool', 'mcp_server_tool_9f1a3c66'],
  ])('keep a name that the service takes: %s', (name, sent) => {
    const { body, reading } = encode([user('a')], { tools: [{ ...weather, name }] });
    const [spec] = specs(body);
    expect(String(spec!['name']).slice(0, 15)).toBe(sent.slice(0, 15));
    expect([...reading.toolNames]).toEqual(name === sent ? [] : [[spec!['name'], name]]);
  });

  it('have other names that are distinct and stable', () => {
    const long = 'n'.repeat(70);
    const names = [`${long}1`, `${long}2`, '7zip', 'Weather', 'weather'];
    const sent = (given: string[]) =>
      specs(encode([user('a')], { tools: given.map((name) => ({ ...weather, name })) }).body).map(({ name }) => name);
    const first = sent(names);
    expect(new Set(first).size).toBe(5);
    expect(sent([...names].slice(0, 3))).toEqual(first.slice(0, 3));
    expect(first[2]).toMatch(/^t7zip_[0-9a-f]{8}$/);
    expect(first[3]).toBe('Weather');
  });

  it('that were called and are gone are declared as such', () => {
    const messages = [user('a'), assistant(call('1', 'gone')), user(result('1'))];
    const { body } = encode(messages);
    expect(specs(body)[1]).toMatchObject({ name: 'gone', inputSchema: { json: { type: 'object', properties: {} } } });
    expect(String(specs(body)[1]!['description'])).toContain('not available any more');
  });

  it('are the same without regard to case', () => {
    const { body, entries } = encode([user('a'), assistant(call('1', 'WEATHER')), user(result('1'))]);
    expect(specs(body)).toHaveLength(1);
    expect(entries[1]).toMatchObject({ toolUses: [{ name: 'weather' }] });
  });

  it.each<[string, Partial<Conversation>]>([
    ['there are none', { tools: [] }],
    ['none may be called', { toolChoice: { type: 'none' } }],
  ])('of earlier turns are told as text where %s', (_name, more) => {
    const messages = [
      user('a'),
      assistant('b', call('1')),
      user({ type: 'tool_result', callId: '1', content: [part('sunny') as never, image as never], isError: true }),
    ];
    const { body, entries, dropped } = encode(messages, more);
    expect(specs(body)).toEqual([]);
    expect(entries.map((entry) => entry['content'])).toEqual([
      'a',
      'b\n\n(The tool weather was used with {"place":"Bled"})',
      'Error of the tool weather:\nsunny',
    ]);
    expect(entries[2]!['images']).toHaveLength(1);
    expect(dropped).toEqual([]);
  });

  it('have a description whatever the client says', () => {
    const { body } = encode([user('a')], { tools: [{ name: 'x', description: ' ', schema: {} }] });
    expect(specs(body)).toEqual([
      { name: 'x', description: 'No description.', inputSchema: { json: { type: 'object', properties: {} } } },
    ]);
  });
});

describe('images', () => {
  it.each([
    ['iVBORw0KGgoAAAA=', 'image/jpeg', 'png'],
    ['/9j/AAAA', 'image/jpg', 'jpeg'],
    ['R0lGODAA', undefined, 'gif'],
    ['UklGRAAA', undefined, 'webp'],
  ])('go by their bytes: %s', (data, mediaType, format) => {
    const given: Part = { type: 'image', data, ...(mediaType === undefined ? {} : { mediaType }) };
    expect(encode([user(given)]).entries[0]!['images']).toEqual([{ format, source: { bytes: data } }]);
  });

  it('may come as data addresses', () => {
    const given: Part = { type: 'image', url: `data:image/png;base64,${pngBase64}` };
    expect(encode([user(given)]).entries[0]!['images']).toEqual([{ format: 'png', source: { bytes: pngBase64 } }]);
  });

  it.each<[string, Part[], string]>([
    ['an address', [{ type: 'image', url: 'https://example.org/a.png' }], 'an image by its address'],
    ['another type', [{ type: 'image', mediaType: 'image/tiff', data: 'AAAA' }], 'image/tiff'],
    ['a large one', [{ type: 'image', mediaType: 'image/png', data: 'A'.repeat(14_000_000) }], '10485760 bytes'],
    ['many', Array.from({ length: 11 }, () => image), 'more than 10 images'],
    ['a PDF', [{ type: 'document', mediaType: 'application/pdf', data: 'JVBERi0=' }], 'neither PDF nor an address'],
    ['a document elsewhere', [{ type: 'document', url: 'https://example.org/a.pdf' }], 'neither PDF nor an address'],
    ['audio', [{ type: 'audio', format: 'wav', data: 'UklGRg==' }], 'audio'],
  ])('and other media that cannot be carried are refused: %s', (_name, parts, message) => {
    expect(refusalOf(() => encode([user('a', ...parts)]))).toMatchObject({
      code: 'unsupported_field',
      status: 400,
      field: 'messages',
      message: expect.stringContaining(message) as string,
    });
  });

  it('of a long conversation are the newest ones', () => {
    const turns = Array.from({ length: 7 }, () => [user('look', image, image), assistant('ok')]).flat();
    const { entries, dropped } = encode([...turns, user('and?')]);
    expect(entries.flatMap((entry) => (entry['images'] ?? []) as unknown[])).toHaveLength(10);
    expect(entries[0]!['content']).toBe('look\n\n(an earlier image, left out)\n\n(an earlier image, left out)');
    expect(dropped).toEqual(['messages.image']);
  });
});

describe('thinking', () => {
  const results = [user('a'), assistant(call('1')), user(result('1'))];

  it.each<[string, Conversation['thinking'], CodewhispererTraits, unknown[]]>([
    ['nobody asked', undefined, amazonq, ['a']],
    ['off', { mode: 'off' }, amazonq, ['a']],
    [
      'behind the text',
      { mode: 'on' },
      amazonq,
      ['a\n<thinking_mode>interleaved</thinking_mode><max_thinking_length>16000</max_thinking_length>'],
    ],
    [
      'by effort',
      { mode: 'on', effort: 'low' },
      amazonq,
      ['a\n<thinking_mode>interleaved</thinking_mode><max_thinking_length>1024</max_thinking_length>'],
    ],
    [
      'before the system prompt',
      { mode: 'on', budgetTokens: 500 },
      kiro,
      ['<thinking_mode>enabled</thinking_mode><max_thinking_length>1024</max_thinking_length>', 'Understood.', 'a'],
    ],
    [
      'bounded',
      { mode: 'on', budgetTokens: 90_000 },
      kiro,
      ['<thinking_mode>enabled</thinking_mode><max_thinking_length>24576</max_thinking_length>', 'Understood.', 'a'],
    ],
    [
      'adaptive',
      { mode: 'adaptive', effort: 'max' },
      kiro,
      ['<thinking_mode>adaptive</thinking_mode><thinking_effort>high</thinking_effort>', 'Understood.', 'a'],
    ],
  ])('%s', (_name, thinking, traits, expected) => {
    const given = thinking === undefined ? {} : { thinking };
    expect(texts([user('a')], given, traits)).toEqual(expected);
    expect(encode([user('a')], given, traits).reading.readsThinkingTags).toBe(expected[0] !== 'a');
  });

  it('stands before the system prompt', () => {
    const system = [{ type: 'text' as const, text: 'Be brief.' }];
    expect(texts([user('a')], { system, thinking: { mode: 'on' } })[0]).toBe(
      '<thinking_mode>enabled</thinking_mode><max_thinking_length>20000</max_thinking_length>\nBe brief.',
    );
  });

  it.each([amazonq, kiro])('cannot be asked for by tags on a turn of results', (traits) => {
    const { body, dropped, reading } = encode(results, { thinking: { mode: 'on' } }, traits);
    expect(JSON.stringify(body)).not.toContain('thinking_mode');
    expect(dropped).toEqual(['thinking']);
    expect(reading.readsThinkingTags).toBe(true);
  });

  it.each<[string, Conversation['thinking'], JsonObject | undefined]>([
    ['claude-sonnet-4.5', { mode: 'on' }, { thinking: { type: 'adaptive', display: 'summarized' } }],
    [
      'claude-opus-4.6',
      { mode: 'on', budgetTokens: 20_000 },
      { output_config: { effort: 'high' }, thinking: { type: 'adaptive', display: 'summarized' } },
    ],
    ['gpt-5.6-sol', { mode: 'on', effort: 'low' }, { reasoning: { effort: 'low' } }],
    ['glm-5', { mode: 'on' }, undefined],
    ['claude-opus-4.6', { mode: 'off' }, undefined],
  ])('is a field of the new hosts: %s', (name, thinking, fields) => {
    const given = conversation(name, 'a', thinking === undefined ? {} : { thinking });
    const { body, reading, dropped } = encodeRequest(given, runtime, 1);
    expect(body['additionalModelRequestFields']).toEqual(fields);
    expect(reading.readsThinkingTags).toBe(false);
    expect(dropped).toEqual(name === 'glm-5' ? ['thinking'] : []);
  });

  it('goes back to the new hosts with its signature', () => {
    const own: Part = { type: 'thinking', text: 'hm', signature: 'RXhhbXBsZQ==' };
    const foreign: Part = { type: 'thinking', text: 'hm', signature: 'aiproxy0gemini00abc' };
    const redacted: Part = { type: 'redacted_thinking', data: 'RXhhbXBsZQ==' };
    const turn = (thought: Part, traits: CodewhispererTraits) =>
      encode([user('a'), assistant(thought, call('1')), user(result('1'))], {}, traits).entries[1]!['reasoningContent'];
    expect(turn(own, runtime)).toEqual({ reasoningText: { text: 'hm', signature: 'RXhhbXBsZQ==' } });
    expect(turn(redacted, runtime)).toEqual({ redactedContent: 'RXhhbXBsZQ==' });
    expect(turn(foreign, runtime)).toBeUndefined();
    expect(turn(own, kiro)).toBeUndefined();
    const dropped = (thought: Part, traits: CodewhispererTraits) =>
      encode([user('a'), assistant(thought, 'b'), user('c')], {}, traits).dropped;
    expect(dropped(own, runtime)).toEqual([]);
    expect(dropped(foreign, runtime)).toEqual(['messages.thinking']);
    expect(dropped(redacted, amazonq)).toEqual(['messages.thinking']);
  });
});

describe('what the format has no field for', () => {
  it('is reported', () => {
    const { dropped, reading } = encode([user('a'), assistant(image), user('b')], {
      maxTokens: 1,
      temperature: 1,
      topP: 1,
      topK: 1,
      seed: 1,
      presencePenalty: 1,
      frequencyPenalty: 1,
      toolChoice: { type: 'tool', name: 'weather' },
      parallelToolCalls: false,
      outputFormat: { type: 'json' },
      promptCacheKey: 'k',
      stop: ['x'],
      system: [{ type: 'text', text: 's', cacheControl: { type: 'ephemeral' } }],
    });
    expect(dropped).toEqual([
      'max_tokens',
      'temperature',
      'top_p',
      'top_k',
      'seed',
      'presence_penalty',
      'frequency_penalty',
      'tool_choice',
      'parallel_tool_calls',
      'output_format',
      'prompt_cache_key',
      'cache_control',
      'messages.image',
    ]);
    expect(reading.stop).toEqual(['x']);
  });

  it('is not what changes nothing', () => {
    const { dropped } = encode([user('a')], {
      toolChoice: { type: 'auto' },
      parallelToolCalls: true,
      outputFormat: { type: 'text' },
    });
    expect(dropped).toEqual([]);
  });
});
