import { assistantTurn, bodyOf, callId, png, result, tool, type Turns, use, userTurn } from './bodies.ts';
import type { JsonObject } from '../../../kit/json.ts';

/** A rule of the wire facts, a request that breaks it alone, and a part of what the record says of it. */
export type Breach = readonly [name: string, body: (good: Turns) => JsonObject, complaint: string];

const turns =
  (change: Partial<Turns> | ((good: Turns) => Partial<Turns>)) =>
  (good: Turns): JsonObject =>
    bodyOf({ ...good, ...(typeof change === 'function' ? change(good) : change) });
const plain: Partial<Turns> = { history: [], results: [], tools: [], content: 'hello' };
const message = (members: JsonObject) => turns({ ...plain, message: members });
const oneTool = (change: JsonObject) => turns({ ...plain, tools: [tool('look', change)] });
const schema = (json: JsonObject | string) => oneTool({ inputSchema: { json } });
const called = (toolUse: JsonObject) =>
  turns({ history: [userTurn('x'), assistantTurn('y', [toolUse])], tools: [tool()] });
const withHistory = (history: JsonObject[]) => turns({ ...plain, history });

const improper: Breach[] = [
  ['a body member nobody knows', turns({ body: { inferenceConfig: {} } }), 'body.inferenceConfig: is not known'],
  ['a member of the runtime host', turns({ body: { agentMode: 'vibe' } }), 'body.agentMode: is not known'],
  ['a state member nobody knows', turns({ state: { maxTokens: 1 } }), 'conversationState.maxTokens'],
  ['the trigger AUTO', turns({ state: { chatTriggerType: 'AUTO' } }), 'chatTriggerType'],
  ['another kind of task', turns({ state: { agentTaskType: 'chat' } }), 'agentTaskType'],
  ['a message member nobody knows', message({ temperature: 1 }), 'userInputMessage.temperature: is not known'],
  ['a context member nobody knows', turns({ ...plain, context: { toolChoice: {} } }), 'toolChoice: is not known'],
  ['a null', message({ images: null }), 'userInputMessage.images: is null'],
  ['no content', message({ content: '' }), 'content: is empty'],
  [
    'a long working directory',
    turns({ ...plain, context: { envState: { currentWorkingDirectory: 'x'.repeat(257) } } }),
    '256',
  ],
  ['an image by URL', message({ images: [{ format: 'png', source: { url: 'https://example.org' } }] }), 'source.url'],
  ['an image of another format', message({ images: [{ ...png, format: 'bmp' }] }), '"bmp" is not taken'],
  ['an image that is no such image', message({ images: [{ ...png, format: 'gif' }] }), 'is no gif'],
  ['eleven images', message({ images: Array.from({ length: 11 }, () => png) }), 'more than 10 images'],
  [
    'an assistant as the current message',
    turns({ state: { currentMessage: assistantTurn('x') } }),
    'assistantResponseMessage',
  ],
  ['an assistant first', withHistory([assistantTurn('x')]), 'history[0]: is no user message'],
  ['two users in a row', withHistory([userTurn('x'), userTurn('y'), assistantTurn('z')]), 'same role'],
  ['two assistants in a row', withHistory([userTurn('x'), assistantTurn('y'), assistantTurn('z')]), 'same role'],
  ['a history that ends with a user', withHistory([userTurn('x')]), 'does not end with an assistant'],
  ['an entry of two messages', withHistory([{ ...userTurn('x'), ...assistantTurn('y') }]), 'is not one message'],
  ['an empty assistant', withHistory([userTurn('x'), assistantTurn('')]), 'content: is empty'],
  ['a call without its result', turns({ results: [], content: 'x' }), `a call without its result, ${callId}`],
  ['a result without its call', turns({ ...plain, results: [result()], tools: [tool()] }), 'a result without its call'],
  ['two results for a call', turns({ results: [result(), result()] }), 'two results for'],
  [
    'results in another order',
    turns({
      history: [userTurn('x'), assistantTurn('y', [use('t1'), use('t2')])],
      results: [result('t2'), result('t1')],
    }),
    'another order',
  ],
  [
    'an id that stands for two calls',
    turns((good) => ({
      history: [
        userTurn('x'),
        assistantTurn('y', [use()]),
        userTurn('z', { userInputMessageContext: { toolResults: [result()] } }),
        ...good.history.slice(-1),
      ],
    })),
    'stands there twice',
  ],
  ['a call of an undeclared tool', turns({ tools: [tool('other')] }), 'is not declared'],
  ['calls without any tools', turns({ tools: [] }), 'is not declared'],
  [
    'tools in the history',
    withHistory([userTurn('x', { userInputMessageContext: { tools: [tool()] } }), assistantTurn('y')]),
    'stands in the history',
  ],
  ['a result without text', turns({ results: [result(callId, '')] }), 'text: is empty'],
  ['a result without content', turns({ results: [{ ...result(), content: [] }] }), 'content: is empty'],
  ['a result of another status', turns({ results: [result(callId, 'x', 'failed')] }), 'neither success nor error'],
  [
    'a result whose JSON is no object',
    turns({ results: [{ ...result(), content: [{ json: [] }] }] }),
    'json: is no object',
  ],
  ['input as text', called({ ...use(), input: '{}' }), 'input: is no object'],
  ['an empty name in an input', called(use(callId, 'read_timetable', { list: [{ '': 1 }] })), 'has an empty name'],
  ['a lone surrogate', turns({ ...plain, content: 'half \ud83c' }), 'lone surrogate'],
  ['a cache point among the tools', turns({ ...plain, tools: [{ cachePoint: { type: 'default' } }] }), 'cachePoint'],
  ['a tool name of 65 characters', turns({ ...plain, tools: [tool('x'.repeat(65))] }), 'longer than 64'],
  ['a tool name with a point', turns({ ...plain, tools: [tool('mcp.read')] }), 'other characters'],
  ['a tool name that begins with a digit', turns({ ...plain, tools: [tool('7zip')] }), 'other characters'],
  ['two tools of one name', turns({ ...plain, tools: [tool(), tool()] }), 'stands there twice'],
  ['a tool without description', oneTool({ description: '' }), 'description: is empty'],
  ['a description above the limit', oneTool({ description: 'ü'.repeat(5121) }), 'longer than 10240 bytes'],
  ['a schema as text', schema('{"type":"object"}'), 'json: is no object'],
  ['a schema of another type', schema({ type: 'array' }), 'is not "object"'],
  ['required: null', schema({ type: 'object', required: null }), 'required: is null'],
  ['properties: null', schema({ type: 'object', properties: null }), 'properties: is null'],
  ['an empty required', schema({ type: 'object', required: [] }), 'required: is empty'],
  ['$schema', schema({ type: 'object', $schema: 'x' }), '$schema: is not taken'],
  [
    'additionalProperties deep inside',
    schema({
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'object', additionalProperties: false } } },
    }),
    'properties.a.items.additionalProperties',
  ],
  [
    'forged thinking',
    withHistory([
      userTurn('x'),
      assistantTurn('y', [], { reasoningContent: { reasoningText: { text: 't', signature: 'forged' } } }),
    ]),
    'own',
  ],
];

/** Refused with the words and no reason. */
export const improperBreaches: readonly Breach[] = improper;

/** Refused for a reason of its own: what is said of it. */
export const namedBreaches: readonly (readonly [...Breach, said: JsonObject])[] = [
  ['an unknown model', message({ modelId: 'claude-sonnet-4-5' }), 'is no model', { reason: 'INVALID_MODEL_ID' }],
  [
    'an origin of another service',
    message({ origin: 'IDE' }),
    'origin',
    { message: 'The provided credential is invalid.' },
  ],
  [
    'a conversation id that is none',
    turns({ state: { conversationId: 'mine' } }),
    'no UUID',
    { reason: 'INVALID_CONVERSATION_ID' },
  ],
  [
    'a message above the limit',
    turns({ ...plain, content: 'x'.repeat(600_001) }),
    '600000',
    { reason: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD' },
  ],
  [
    'a result above the limit',
    turns({ results: [result(callId, 'x'.repeat(800_001))] }),
    '800000',
    { reason: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD' },
  ],
  [
    'a prompt above the window',
    turns({ ...plain, history: [userTurn('x'.repeat(500_000)), assistantTurn('y')], content: 'z'.repeat(400_000) }),
    'tokens',
    { reason: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD' },
  ],
  [
    'two megabytes of tools',
    turns({
      ...plain,
      tools: Array.from({ length: 250 }, (_, index) => tool(`tool_${index}`, { description: 'd'.repeat(9000) })),
    }),
    'larger than',
    { reason: 'REQUEST_BODY_INVALID' },
  ],
  [
    'a profile that is none',
    turns({ body: { profileArn: 'arn:example' } }),
    'no ARN',
    { reason: 'REQUEST_BODY_INVALID' },
  ],
];
