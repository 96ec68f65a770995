import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import type { Conversation } from '../../../../node/conversation/contract.ts';
import { geminiProtocol as protocol } from '../../../../node/protocols/gemini/index.ts';

const hello: JsonObject[] = [{ role: 'user', parts: [{ text: 'hi' }] }];

function decode(body: JsonObject): Conversation {
  return protocol.decodeRequest({ contents: hello, ...body }, { model: 'm', stream: true });
}

const full: JsonObject = {
  contents: [
    {
      role: 'user',
      parts: [
        { inlineData: { mimeType: 'application/pdf', data: 'aGk=' } },
        { inlineData: { mimeType: 'audio/mpeg', data: 'aGk=' } },
        { fileData: { mimeType: 'image/png', fileUri: 'https://example.org/a.png' } },
        { fileData: { fileUri: 'https://example.org/a.pdf' } },
      ],
    },
    {
      role: 'model',
      parts: [
        { text: 'Hm.', thought: true, thoughtSignature: 'c2ln' },
        { functionCall: { name: 'f', args: { someKey: 1 } }, thoughtSignature: 'Y2FsbA==' },
      ],
    },
    { role: 'user', parts: [{ functionResponse: { name: 'f', response: { someKey: 2 } } }] },
  ],
  systemInstruction: { parts: [{ text: 'Be brief.' }] },
  tools: [
    {
      functionDeclarations: [
        { name: 'f', parametersJsonSchema: { type: 'object', properties: { someKey: { type: 'integer' } } } },
        { name: 'g', parameters: { type: 'OBJECT', properties: { minItems: { type: 'STRING', minLength: '3' } } } },
      ],
    },
  ],
  toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f', 'g'] } },
  generationConfig: {
    maxOutputTokens: 5,
    topP: 0.5,
    topK: 3,
    stopSequences: ['x'],
    candidateCount: 1,
    presencePenalty: 1,
    frequencyPenalty: -1,
    thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true },
    responseMimeType: 'application/json',
    responseSchema: { anyOf: [{ type: 'STRING', enum: ['a'], nullable: true }, { type: 'NUMBER' }] },
  },
};

/** Client data, whose keys are no field names. */
const opaque = new Set(['args', 'response', 'properties', 'parametersJsonSchema']);

function toSnake(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toSnake);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      opaque.has(key) ? member : toSnake(member),
    ]),
  );
}

test('every field is read in camel case', () => {
  expect(decode(full)).toEqual({
    model: 'm',
    stream: true,
    system: [{ type: 'text', text: 'Be brief.' }],
    messages: [
      {
        role: 'user',
        parts: [
          { type: 'document', mediaType: 'application/pdf', data: 'aGk=' },
          { type: 'audio', format: 'mp3', data: 'aGk=' },
          { type: 'image', mediaType: 'image/png', url: 'https://example.org/a.png' },
          { type: 'document', url: 'https://example.org/a.pdf' },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'thinking', text: 'Hm.', signature: 'aiproxy0gemini00c2ln' },
          {
            type: 'tool_call',
            id: 'gemini_call_0',
            name: 'f',
            argumentsJson: '{"someKey":1}',
            signature: 'aiproxy0gemini00Y2FsbA==',
          },
        ],
      },
      {
        role: 'user',
        parts: [
          {
            type: 'tool_result',
            callId: 'gemini_call_0',
            name: 'f',
            content: [{ type: 'text', text: '{"someKey":2}' }],
          },
        ],
      },
    ],
    tools: [
      { name: 'f', schema: { type: 'object', properties: { someKey: { type: 'integer' } } } },
      { name: 'g', schema: { type: 'object', properties: { minItems: { type: 'string', minLength: 3 } } } },
    ],
    toolChoice: { type: 'any' },
    maxTokens: 5,
    topP: 0.5,
    topK: 3,
    stop: ['x'],
    presencePenalty: 1,
    frequencyPenalty: -1,
    thinking: { mode: 'on', effort: 'high' },
    outputFormat: {
      type: 'json_schema',
      schema: { anyOf: [{ type: ['string', 'null'], enum: ['a', null] }, { type: 'number' }] },
    },
    dropped: [],
  });
});

test('and in snake case', () => {
  expect(decode(toSnake(full) as JsonObject)).toEqual(decode(full));
});

describe('calls without ids', () => {
  const call = (name: string) => ({ role: 'model', parts: [{ functionCall: { name, args: {} } }] });
  const response = (name: string, id?: string) => ({
    functionResponse: { name, response: { result: 'ok' }, ...(id === undefined ? {} : { id }) },
  });

  test('pair with their results by name and order, in parallel and over turns', () => {
    const contents = [
      ...hello,
      {
        role: 'model',
        parts: [{ functionCall: { name: 'a' } }, { functionCall: { name: 'b' } }, { functionCall: { name: 'a' } }],
      },
      { role: 'user', parts: [response('b'), response('a'), response('a')] },
      call('a'),
      { role: 'function', parts: [response('a')] },
    ];
    const ids = decode({ contents }).messages.flatMap(({ parts }) =>
      parts.flatMap((part) => {
        if (part.type === 'tool_call') return [`${part.name}=${part.id}`];
        return part.type === 'tool_result' ? [`${part.name}->${part.callId}`] : [];
      }),
    );
    expect(ids).toEqual([
      'a=gemini_call_0',
      'b=gemini_call_1',
      'a=gemini_call_2',
      'b->gemini_call_1',
      'a->gemini_call_0',
      'a->gemini_call_2',
      'a=gemini_call_3',
      'a->gemini_call_3',
    ]);
  });

  test('keep their ids as the conversation grows', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b'), { minLength: 1 }), fc.nat(), (names, cut) => {
        const contents = names.flatMap((name) => [call(name), { role: 'user', parts: [response(name)] }]);
        const whole = decode({ contents }).messages;
        const length = 2 * (cut % names.length);
        expect(decode({ contents: contents.slice(0, length + 2) }).messages).toEqual(whole.slice(0, length + 2));
      }),
    );
  });

  test('an id that is given counts, an unknown one stays as it is', () => {
    const contents = [
      { role: 'model', parts: [{ functionCall: { id: 'x', name: 'a' } }, { functionCall: { id: 'y', name: 'a' } }] },
      { role: 'user', parts: [response('a', 'y'), response('a'), response('a', 'z'), response('c')] },
    ];
    const [, results] = decode({ contents }).messages;
    expect(results!.parts.map((part) => part.type === 'tool_result' && part.callId)).toEqual([
      'y',
      'x',
      'z',
      'gemini_call_orphan_0',
    ]);
  });
});

describe('results of functions', () => {
  test.each<[JsonObject, string, boolean]>([
    [{ output: 'text' }, 'text', false],
    [{ result: 'text' }, 'text', false],
    [{ result: { a: 1 } }, '{"a":1}', false],
    [{ error: 'no such lake' }, 'no such lake', true],
    [{ output: 'a', other: 1 }, '{"output":"a","other":1}', false],
  ])('%j', (response, text, isError) => {
    const contents = [{ role: 'user', parts: [{ functionResponse: { name: 'f', response } }] }];
    const part = decode({ contents }).messages[0]!.parts[0];
    expect(part).toMatchObject({ content: [{ type: 'text', text }] });
    expect(part).toEqual(
      isError ? expect.objectContaining({ isError }) : expect.not.objectContaining({ isError: true }),
    );
  });

  test('may hold images', () => {
    const parts = [{ inlineData: { mimeType: 'image/png', data: 'aGk=' } }];
    const contents = [{ role: 'user', parts: [{ functionResponse: { name: 'f', response: {}, parts } }] }];
    expect(decode({ contents }).messages[0]!.parts[0]).toMatchObject({
      content: [{ type: 'image', mediaType: 'image/png', data: 'aGk=' }],
    });
  });
});

test('a thought in pieces is one thought; texts of the user stay apart, empty ones go', () => {
  const contents = [
    { parts: [{ text: 'a' }, { text: '' }, { text: 'b' }] },
    { role: 'model', parts: [{ text: 'x', thought: true }] },
    { role: 'model', parts: [{ text: 'y', thought: true }, { thoughtSignature: 'c2ln' }] },
    {
      role: 'model',
      parts: [
        { text: 'z', thought: true },
        { text: '', thought: true, thoughtSignature: 'aiproxy0redactedaGlk' },
      ],
    },
    { role: 'model', parts: [] },
  ];
  expect(decode({ contents }).messages).toEqual([
    {
      role: 'user',
      parts: [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
      ],
    },
    {
      role: 'assistant',
      parts: [
        { type: 'thinking', text: 'xy', signature: 'aiproxy0gemini00c2ln' },
        { type: 'thinking', text: 'z' },
        { type: 'redacted_thinking', data: 'aGlk' },
      ],
    },
  ]);
});

test("Google's own code runs are told as text", () => {
  const parts = [
    { executableCode: { language: 'PYTHON', code: 'print(1)' } },
    { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
  ];
  expect(decode({ contents: [{ role: 'model', parts }] }).messages[0]!.parts).toEqual([
    { type: 'text', text: '```python\nprint(1)\n```' },
    { type: 'text', text: '```\n1\n```' },
  ]);
});

test.each([
  ['Be brief.', ['Be brief.']],
  [{ role: 'system', parts: [{ text: 'a' }, { text: 'b' }] }, ['a', 'b']],
  [{ parts: { text: 'a' } }, ['a']],
  [{ text: 'a' }, ['a']],
  [null, []],
] satisfies [JsonObject | string | null, string[]][])('systemInstruction %j', (systemInstruction, expected) => {
  expect(decode({ systemInstruction }).system.map(({ text }) => text)).toEqual(expected);
});

test.each<[JsonObject, unknown]>([
  [{ thinkingBudget: 0 }, { mode: 'off' }],
  [{ thinkingBudget: -1 }, { mode: 'adaptive' }],
  [{ thinkingBudget: 128 }, { mode: 'on', budgetTokens: 128 }],
  [{ thinkingLevel: 'LOW' }, { mode: 'on', effort: 'low' }],
  [{ includeThoughts: true }, { mode: 'adaptive' }],
  [{ includeThoughts: false }, undefined],
])('thinkingConfig %j', (thinkingConfig, expected) => {
  expect(decode({ generationConfig: { thinkingConfig } }).thinking).toEqual(expected);
});

test.each<[JsonObject, unknown]>([
  [{ mode: 'AUTO' }, { type: 'auto' }],
  [{ mode: 'NONE' }, { type: 'none' }],
  [{ mode: 'any' }, { type: 'any' }],
  [{ mode: 'VALIDATED' }, { type: 'auto' }],
  [
    { mode: 'ANY', allowedFunctionNames: ['f'] },
    { type: 'tool', name: 'f' },
  ],
])('functionCallingConfig %j', (functionCallingConfig, expected) => {
  const tools = [{ functionDeclarations: [{ name: 'f' }, { name: 'g' }] }];
  const conversation = decode({ tools, toolConfig: { functionCallingConfig } });
  expect(conversation.toolChoice).toEqual(expected);
  const isNarrowed = functionCallingConfig.allowedFunctionNames !== undefined;
  expect(conversation.tools.map(({ name }) => name)).toEqual(isNarrowed ? ['f'] : ['f', 'g']);
});

test('what is dropped is named as the client wrote it', () => {
  const { dropped } = decode({
    safety_settings: [],
    labels: { a: 'b' },
    tools: [{ google_search: {} }, { codeExecution: {} }],
    generationConfig: { speechConfig: {}, logprobs: 3, mediaResolution: null },
  });
  expect(dropped).toEqual([
    'safety_settings',
    'labels',
    'tools.google_search',
    'tools.codeExecution',
    'generationConfig.speechConfig',
    'generationConfig.logprobs',
  ]);
});

test('a counting call may hold a whole request', () => {
  const body = { generateContentRequest: { model: 'models/m', contents: hello, systemInstruction: 'S' } };
  const conversation = protocol.decodeRequest(body, { model: 'm', stream: false });
  expect(conversation).toMatchObject({ system: [{ text: 'S' }], messages: [{ role: 'user' }] });
});

test('names that not every upstream takes travel in another form and come back', () => {
  const name = 'docs.read:page';
  const conversation = decode({
    contents: [
      { role: 'model', parts: [{ functionCall: { name } }] },
      { role: 'user', parts: [{ functionResponse: { name, response: {} } }] },
    ],
    tools: [{ functionDeclarations: [{ name }] }],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [name] } },
  });
  const travelling = conversation.tools[0]!.name;
  expect(travelling).toMatch(/^docs_read_page_[0-9a-f]{8}$/);
  expect(conversation.toolChoice).toEqual({ type: 'tool', name: travelling });
  expect(conversation.messages.map(({ parts }) => parts[0])).toMatchObject([
    { type: 'tool_call', name: travelling, id: 'gemini_call_0' },
    { type: 'tool_result', name: travelling, callId: 'gemini_call_0' },
  ]);
  const context = { model: 'm', requestId: 'r', framing: 'sse', includeUsage: false, nowMs: 0 } as const;
  const encoder = protocol.openEncoder({ ...context, toolKinds: conversation.toolKinds! });
  const call = [
    { type: 'start', id: 'a', model: 'm' },
    { type: 'tool_start', id: 'c', name: travelling },
    { type: 'tool_end' },
  ] as const;
  expect(call.map((event) => encoder.push(event)).join('')).toContain(`"name":"${name}"`);
});

describe('what cannot be carried is refused with its field', () => {
  const part = (part: JsonObject) => ({ contents: [{ role: 'user', parts: [part] }] });

  test.each<[JsonObject, string]>([
    [{ cachedContent: 'cachedContents/1' }, 'cachedContent'],
    [{ cached_content: 'cachedContents/1' }, 'cached_content'],
    [{ generationConfig: { candidateCount: 2 } }, 'generationConfig.candidateCount'],
    [{ generationConfig: { responseModalities: ['AUDIO'] } }, 'generationConfig.responseModalities'],
    [{ generationConfig: { responseMimeType: 'text/x.enum' } }, 'generationConfig.responseMimeType'],
    [part({ fileData: { fileUri: 'gs://b/x' } }), 'contents[0].parts[0].fileData.fileUri'],
    [
      part({ fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/x' } }),
      'contents[0].parts[0].fileData.fileUri',
    ],
    [part({ inline_data: { mime_type: 'video/mp4', data: 'aGk=' } }), 'contents[0].parts[0].inline_data'],
  ])('%j', (body, field) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'unsupported_field', status: 400, field }));
  });

  test.each<[JsonObject, string]>([
    [{ contents: null }, 'contents[0]'],
    [{ contents: [{ role: 'robot', parts: [] }] }, 'contents[0].role'],
    [part({}), 'contents[0].parts[0]'],
    [part({ text: 5 }), 'contents[0].parts[0].text'],
    [part({ functionCall: {} }), 'contents[0].parts[0].functionCall.name'],
    [part({ functionResponse: { name: 'f', response: 'x' } }), 'contents[0].parts[0].functionResponse.response'],
    [{ generation_config: { max_output_tokens: 'many' } }, 'generation_config.max_output_tokens'],
    [{ generationConfig: { stopSequences: [1] } }, 'generationConfig.stopSequences[0]'],
    [{ tools: [{ functionDeclarations: [{}] }] }, 'tools[0].functionDeclarations[0].name'],
    [{ systemInstruction: 7 }, 'systemInstruction'],
  ])('%j', (body, field) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'invalid_request', status: 400, field }));
  });
});

test('any body is decoded or refused with a fault of the client', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...Object.keys(full)), fc.jsonValue({ maxDepth: 3 })), (body) => {
      try {
        protocol.decodeRequest(body as JsonObject, { model: 'm', stream: false });
      } catch (error) {
        expect(error).toMatchObject({ name: 'Fault', source: 'client', status: 400 });
      }
    }),
  );
});
