import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../../../kit/fault.ts';
import type { JsonObject } from '../../../../kit/json.ts';
import type { Conversation, Message, Part, Tool } from '../../../../node/conversation/contract.ts';
import type { CodewhispererTraits } from '../../../../node/protocols/codewhisperer/contract.ts';
import { encodeRequest } from '../../../../node/protocols/codewhisperer/encode-request.ts';
import { conversation, pngBase64 } from '../../../suites/conversations.ts';
import { anyConversation } from './conversation-arbitrary.ts';
import { brokenRules, resultsOf, toolsOf } from './request-rules.ts';

const amazonq: CodewhispererTraits = {
  origin: 'CLI',
  envState: { operatingSystem: 'linux', currentWorkingDirectory: '/' },
  thinking: 'text-tags',
  conversationId: '11111111-2222-4333-8444-555555555555',
  toolDescriptionBytesMax: 10_004,
};
const kiro: CodewhispererTraits = {
  origin: 'AI_EDITOR',
  profileArn: 'arn:aws:codewhisperer:us-east-1:444455556666:profile/TESTPROFILE1',
  agentTaskType: 'vibe',
  thinking: 'system-tags',
  conversationId: '11111111-2222-4333-8444-555555555555',
  agentContinuationId: '66666666-7777-4888-9999-aaaaaaaaaaaa',
  toolDescriptionBytesMax: 10_000,
};
const runtime: CodewhispererTraits = { ...kiro, thinking: 'native' };

const model = 'claude-sonnet-4.5';
const user = (...parts: (Part | string)[]): Message => ({ role: 'user', parts: parts.map(part) });
const assistant = (...parts: (Part | string)[]): Message => ({ role: 'assistant', parts: parts.map(part) });
const part = (given: Part | string): Part => (typeof given === 'string' ? { type: 'text', text: given } : given);
const call = (id: string, name = 'weather', argumentsJson = '{"place":"Bled"}'): Part => ({
  type: 'tool_call',
  id,
  name,
  argumentsJson,
});
const result = (callId: string, text = 'sunny'): Part => ({
  type: 'tool_result',
  callId,
  content: text === '' ? [] : [{ type: 'text', text }],
});
const image: Part = { type: 'image', mediaType: 'image/png', data: pngBase64 };
const weather: Tool = {
  name: 'weather',
  description: 'Weather at a place.',
  schema: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
};

function encode(messages: Message[], more: Partial<Conversation> = {}, traits = kiro) {
  const given = conversation(model, '', { tools: [weather], ...more, messages });
  const before = JSON.stringify(given);
  const encoded = encodeRequest(given, traits, 200_000);
  expect(JSON.stringify(given)).toBe(before);
  // The tests look at what is sent, and numbers that keep their digits exist in its text alone.
  const body = JSON.parse(JSON.stringify(encoded.body)) as JsonObject;
  expect(brokenRules(body)).toEqual([]);
  return { ...encoded, body, entries: entriesOf(body) };
}

/** History and current message without their frames. */
function entriesOf(body: JsonObject): JsonObject[] {
  const state = body['conversationState'] as JsonObject;
  const entries = [...((state['history'] ?? []) as JsonObject[]), state['currentMessage'] as JsonObject];
  return entries.map((entry) => Object.values(entry)[0] as JsonObject);
}

const texts = (messages: Message[], more: Partial<Conversation> = {}, traits = kiro) =>
  encode(messages, more, traits).entries.map((entry) => entry['content']);

function currentOf(body: JsonObject): JsonObject {
  return (body['conversationState'] as JsonObject)['currentMessage'] as JsonObject;
}

const specs = (body: JsonObject) => toolsOf(currentOf(body)).map((tool) => tool['toolSpecification'] as JsonObject);

function refusalOf(action: () => unknown): JsonObject {
  try {
    action();
  } catch (error) {
    if (!isFault(error)) throw error;
    return { code: error.code, status: error.status, field: error.field, message: error.message };
  }
  throw new Error('was not refused');
}

describe('any conversation', () => {
  it.each([
    ['Amazon Q', amazonq],
    ['Kiro’s old hosts', kiro],
    ['Kiro’s new hosts', runtime],
  ])('keeps every rule of the service: %s', (_name, traits) => {
    fc.assert(
      fc.property(anyConversation, (given) => {
        let body: JsonObject;
        try {
          body = encodeRequest(given, traits, 200_000).body;
        } catch (error) {
          // Nothing said, or too many images at once: told to the client.
          expect(isFault(error) && error.status === 400).toBe(true);
          return;
        }
        expect(brokenRules(JSON.parse(JSON.stringify(body)) as JsonObject)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('gets its tools’ names back', () => {
    fc.assert(
      fc.property(anyConversation, (given) => {
        fc.pre(given.tools.length > 0 && given.toolChoice?.type !== 'none');
        fc.pre(given.messages.some((message) => message.parts.some(({ type }) => type === 'text')));
        let encoded;
        try {
          encoded = encodeRequest(given, kiro, 200_000);
        } catch (error) {
          expect(isFault(error)).toBe(true);
          return;
        }
        const { body, reading } = encoded;
        const back = specs(body).map(({ name }) => reading.toolNames.get(String(name)) ?? name);
        expect(back.slice(0, new Set(given.tools.map(({ name }) => name)).size)).toEqual([
          ...new Set(given.tools.map(({ name }) => name)),
        ]);
      }),
    );
  });
});

describe('a whole request', () => {
  const notice: Tool = {
    name: 'open_page',
    description: 'Opens a page of the manual.',
    schema: { type: 'object', properties: { page: { type: 'integer' } }, required: ['page'] },
  };
  const opened = call('tooluse_Kp4mB2ccTt8s', 'open_page', '{"page":12}');

  it('has the form of Amazon Q’s clients', () => {
    const { body } = encode(
      [user('How much oil?'), assistant('I look it up.', opened), user(result('tooluse_Kp4mB2ccTt8s', '4.1 l'))],
      { system: [{ type: 'text', text: 'Be brief.' }], tools: [notice] },
      amazonq,
    );
    const envState = { operatingSystem: 'linux', currentWorkingDirectory: '/' };
    const frame = { modelId: model, origin: 'CLI' };
    expect(body).toEqual({
      conversationState: {
        conversationId: '11111111-2222-4333-8444-555555555555',
        chatTriggerType: 'MANUAL',
        history: [
          { userInputMessage: { content: 'Be brief.', ...frame, userInputMessageContext: { envState } } },
          { assistantResponseMessage: { content: 'Understood.' } },
          { userInputMessage: { content: 'How much oil?', ...frame, userInputMessageContext: { envState } } },
          {
            assistantResponseMessage: {
              content: 'I look it up.',
              toolUses: [{ toolUseId: 'tooluse_Kp4mB2ccTt8s', name: 'open_page', input: { page: 12 } }],
            },
          },
        ],
        currentMessage: {
          userInputMessage: {
            content: 'Tool results follow.',
            ...frame,
            userInputMessageContext: {
              envState,
              toolResults: [{ toolUseId: 'tooluse_Kp4mB2ccTt8s', status: 'success', content: [{ text: '4.1 l' }] }],
              tools: [
                {
                  toolSpecification: {
                    name: 'open_page',
                    description: 'Opens a page of the manual.',
                    inputSchema: {
                      json: { type: 'object', properties: { page: { type: 'integer' } }, required: ['page'] },
                    },
                  },
                },
              ],
            },
          },
        },
      },
    });
  });

  it('has the form of Kiro’s', () => {
    const { body, reading, dropped } = encode(
      [
        user('What is this, and how much oil does it take?', image),
        assistant('A tractor.', opened),
        user({ type: 'tool_result', callId: 'tooluse_Kp4mB2ccTt8s', content: [], isError: true }),
      ],
      { system: [{ type: 'text', text: 'Be brief.' }], tools: [notice], stop: ['END'] },
    );
    const frame = { modelId: model, origin: 'AI_EDITOR' };
    expect(body).toEqual({
      profileArn: 'arn:aws:codewhisperer:us-east-1:444455556666:profile/TESTPROFILE1',
      conversationState: {
        conversationId: '11111111-2222-4333-8444-555555555555',
        agentContinuationId: '66666666-7777-4888-9999-aaaaaaaaaaaa',
        agentTaskType: 'vibe',
        chatTriggerType: 'MANUAL',
        history: [
          { userInputMessage: { content: 'Be brief.', ...frame } },
          { assistantResponseMessage: { content: 'Understood.' } },
          {
            userInputMessage: {
              content: 'What is this, and how much oil does it take?',
              ...frame,
              images: [{ format: 'png', source: { bytes: pngBase64 } }],
            },
          },
          {
            assistantResponseMessage: {
              content: 'A tractor.',
              toolUses: [{ toolUseId: 'tooluse_Kp4mB2ccTt8s', name: 'open_page', input: { page: 12 } }],
            },
          },
        ],
        currentMessage: {
          userInputMessage: {
            content: 'Tool results follow.',
            ...frame,
            userInputMessageContext: {
              toolResults: [{ toolUseId: 'tooluse_Kp4mB2ccTt8s', status: 'error', content: [{ text: '(no output)' }] }],
              tools: [
                {
                  toolSpecification: {
                    name: 'open_page',
                    description: 'Opens a page of the manual.',
                    inputSchema: {
                      json: { type: 'object', properties: { page: { type: 'integer' } }, required: ['page'] },
                    },
                  },
                },
              ],
            },
          },
        },
      },
    });
    expect(dropped).toEqual([]);
    expect(reading).toMatchObject({ model, stop: ['END'], readsThinkingTags: false, contextTokens: 200_000 });
    // One image and some hundred words.
    expect(reading.estimatedInputTokens).toBeGreaterThan(1_500);
    expect(reading.estimatedInputTokens).toBeLessThan(2_000);
  });
});

describe('the history', () => {
  const continuing = expect.stringContaining('Continue your last message') as string;

  it.each<[string, Message[], unknown[]]>([
    ['is absent for one question', [user('a')], ['a']],
    [
      'has neighbours of a role in one',
      [user('a'), user('b'), assistant('c'), assistant('d'), user('e')],
      ['a\n\nb', 'c\n\nd', 'e'],
    ],
    ['begins with its user', [assistant('a'), user('b')], ['(The conversation continues.)', 'a', 'b']],
    ['is followed by a user where the answer has begun', [user('a'), assistant('b')], ['a', 'b', continuing]],
    [
      'holds later system messages in their place',
      [user('a'), { role: 'system', parts: [part('s')] }, assistant('b'), user('c')],
      ['a\n\n<system-reminder>\ns\n</system-reminder>', 'b', 'c'],
    ],
    ['has no empty turns', [user('a'), assistant(''), user(' '), assistant('b'), user('c')], ['a', 'b', 'c']],
    ['has no thoughts of others', [user('a'), assistant({ type: 'thinking', text: 't' }), user('b')], ['a\n\nb']],
    [
      'has a filler for a turn of calls',
      [user('a'), assistant(call('1')), user(result('1'))],
      ['a', ' ', 'Tool results follow.'],
    ],
    ['keeps what stands beside results', [user('a'), assistant(call('1')), user('b', result('1'))], ['a', ' ', 'b']],
    ['has a filler for an image', [user(image)], ['See the image.']],
    ['has whole characters', [user('a\ud83d'), assistant('\udc00b'), user('c')], ['a\ufffd', '\ufffdb', 'c']],
    [
      'turns a result without its call into text',
      [user(result('9', 'lost')), assistant('b'), user('c')],
      ['Result of an earlier tool call:\n\nlost', 'b', 'c'],
    ],
    [
      'holds text documents',
      [
        user(
          { type: 'document', text: 'hi', name: 'n.txt' },
          { type: 'document', mediaType: 'text/plain', data: 'eA==' },
        ),
      ],
      ['<document name="n.txt">\nhi\n</document>\n\n<document>\nx\n</document>'],
    ],
  ])('%s', (_name, messages, expected) => {
    expect(texts(messages)).toEqual(expected);
  });

  it('answers every call once, in order', () => {
    const { entries } = encode([
      user('a'),
      assistant(call('1'), call('2'), call('3')),
      user(result('3', 'three'), result('1', 'old'), result('1', 'one'), result('8')),
    ]);
    const answered = resultsOf({ userInputMessage: entries[2]! });
    expect(answered.map(({ toolUseId, status }) => [toolUseId, status])).toEqual([
      ['1', 'success'],
      ['2', 'error'],
      ['3', 'success'],
    ]);
    expect(answered[0]).toMatchObject({ content: [{ text: 'one' }] });
  });

  it('uses every id once', () => {
    const { entries } = encode([
      user('a'),
      assistant(call('1'), call('a.b'), call('a:b')),
      user(result('1', 'first'), result('a.b', 'dot'), result('a:b', 'colon')),
      assistant(call('1')),
      user(result('1', 'second')),
    ]);
    const ids = (entry: JsonObject) => resultsOf({ userInputMessage: entry }).map((each) => each['toolUseId']);
    expect(ids(entries[2]!)).toEqual(['1', 'a_b', 'a_b_2']);
    expect(ids(entries[4]!)).toEqual(['1_2']);
    expect(resultsOf({ userInputMessage: entries[4]! })[0]).toMatchObject({ content: [{ text: 'second' }] });
  });

  it('has images of results on the turn itself', () => {
    const shot: Part = { type: 'tool_result', callId: '1', content: [image as Part & { type: 'image' }] };
    const { entries } = encode([user('a'), assistant(call('1')), user(shot, image)]);
    expect(entries[2]!['images']).toHaveLength(2);
    expect(resultsOf({ userInputMessage: entries[2]! })[0]).toMatchObject({ content: [{ text: 'See the image.' }] });
  });

  it('has inputs that the service takes', () => {
    const input = '{"":1,"a":{"":2,"b":"\\ud800"},"list":[{"":3}],"big":12345678901234567890}';
    const messages = [user('a'), assistant(call('1', 'weather', input)), user(result('1'))];
    const body = JSON.stringify(encodeRequest(conversation(model, '', { tools: [weather], messages }), kiro, 1).body);
    expect(body).toContain('"input":{"a":{"b":"\ufffd"},"list":[{}],"big":12345678901234567890}');
  });

  it('refuses inputs without a bottom', () => {
    const input = `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
    expect(refusalOf(() => encode([user('a'), assistant(call('1', 'weather', input))]))).toMatchObject({
      code: 'invalid_request',
      field: 'messages',
    });
  });

  it('needs something to say', () => {
    expect(refusalOf(() => encode([user(' ')]))).toMatchObject({ code: 'invalid_request', field: 'messages' });
    expect(refusalOf(() => encode([]))).toMatchObject({ code: 'invalid_request', field: 'messages' });
  });
});

describe('the system prompt', () => {
  const system = [
    { type: 'text' as const, text: 'one' },
    { type: 'text' as const, text: ' ' },
    { type: 'text' as const, text: 'two' },
  ];

  it('is a turn of its own, on turns of tool results too', () => {
    expect(texts([user('a')], { system })).toEqual(['one\n\ntwo', 'Understood.', 'a']);
    expect(texts([user('a'), assistant(call('1')), user(result('1'))], { system }).slice(0, 3)).toEqual([
      'one\n\ntwo',
      'Understood.',
      'a',
    ]);
  });

  it('takes what a description cannot hold', () => {
    const description = `${'é'.repeat(5_100)} end`;
    const { body, entries } = encode([user('a')], { system, tools: [{ ...weather, description }] });
    const sent = String(specs(body)[0]!['description']);
    expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(10_000);
    const rest = String(entries[0]!['content']);
    expect(rest).toMatch(/^one\n\ntwo\n\nThe description of the tool weather continues:\né+ end$/);
    const kept = sent.split(' … ')[0]!.length;
    expect(kept + rest.split('continues:\n')[1]!.length).toBe(description.length);
  });
});

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
