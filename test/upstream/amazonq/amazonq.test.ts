import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../kit/json.ts';
import { amazonqTurns, bodyOf, tool } from '../codewhisperer/bodies.ts';
import { improperBreaches, namedBreaches } from '../codewhisperer/breaches.ts';
import { joinedOf, readFrames, typesOf } from '../codewhisperer/frames.ts';
import { signThinking } from '../signature.ts';
import { upstreamKey } from '../upstream.ts';
import { type AmazonqUpstream, startAmazonq } from './amazonq.ts';

const target = 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse';
const plain = { ...amazonqTurns, history: [], results: [], tools: [], content: 'When is the last train?' };

describe('the scripted Amazon Q', () => {
  let upstream: AmazonqUpstream;
  beforeAll(async () => {
    upstream = await startAmazonq();
  });
  beforeEach(() => upstream.clear());
  afterAll(() => upstream.close());

  const ask = (body: unknown, headers: Record<string, string> = {}, path = '/') =>
    fetch(upstream.url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        authorization: `Bearer ${upstreamKey}`,
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const framesOf = async (response: Response) => readFrames(Buffer.from(await response.arrayBuffer()));
  const complaint = () => upstream.requests.at(-1)?.complaint;

  it('takes the second turn of a conversation with a tool', async () => {
    const response = await ask(bodyOf(amazonqTurns));
    expect([response.status, complaint()]).toEqual([200, undefined]);
    expect(response.headers.get('content-type')).toBe('application/vnd.amazon.eventstream');
    const seen = await framesOf(response);
    expect(seen.rest).toBe(0);
    const types = typesOf(seen);
    expect(types.slice(0, 2)).toEqual(['initial-response', 'messageMetadataEvent']);
    expect(types.slice(-2)).toEqual(['meteringEvent', 'contextUsageEvent']);
    expect(joinedOf(seen, 'assistantResponseEvent', 'content')).toBe('The tools said: First train: 05:12');
  });

  it('answers the REST form without an initial response', async () => {
    const response = await ask(bodyOf(plain), { 'content-type': 'application/json' }, '/generateAssistantResponse');
    expect(response.headers.get('x-amzn-codewhisperer-conversation-id')).toBe('3c0e8f7a-91d2-4b57-8c6d-2f1e0a9b7d44');
    const seen = await framesOf(response);
    expect(typesOf(seen)).not.toContain('initial-response');
    expect(joinedOf(seen, 'assistantResponseEvent', 'content')).toBe(plain.content);
  });

  it.each(improperBreaches)('refuses %s', async (_name, body, says) => {
    const response = await ask(body(amazonqTurns));
    expect(complaint()).toContain(says);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      __type: 'com.amazon.aws.codewhisperer#ValidationException',
      message: 'Improperly formed request.',
      reason: null,
    });
  });

  it.each(namedBreaches)('refuses %s by its own reason', async (_name, body, says, said) => {
    const response = await ask(body(amazonqTurns));
    expect(complaint()).toContain(says);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject(said);
  });

  it.each<[string, Record<string, string>, string, string]>([
    ['another target', { 'x-amz-target': 'AmazonQDeveloperStreamingService.SendMessage' }, '/', 'x-amz-target'],
    ['the path of signed calls', { 'content-type': 'application/json' }, '/SendMessageStreaming', 'signed'],
    ['another content type', { 'content-type': 'application/json' }, '/', 'content-type'],
    ['another content type in REST', {}, '/generateAssistantResponse', 'content-type'],
  ])('refuses %s', async (_name, headers, path, says) => {
    expect((await ask(bodyOf(plain), headers, path)).status).toBe(400);
    expect(complaint()).toContain(says);
  });

  it('refuses what is no JSON, and bytes that are no text', async () => {
    expect((await ask('{"conversationState":')).status).toBe(400);
    expect(complaint()).toContain('is no JSON');
  });

  it('answers `auto` as if it were its own fault', async () => {
    expect((await ask(bodyOf({ ...plain, message: { modelId: 'auto' } }))).status).toBe(500);
  });

  it('thinks in its text when the request asks by tags, and in events when a script says so', async () => {
    const asks = '<thinking_mode>interleaved</thinking_mode><max_thinking_length>16000</max_thinking_length>';
    const text = joinedOf(
      await framesOf(await ask(bodyOf({ ...plain, content: `hello\n${asks}` }))),
      'assistantResponseEvent',
      'content',
    );
    expect(text).toMatch(/^<thinking>First the request [^]*<\/thinking>\n\nhello\n$/);
    upstream.script('thinking');
    const seen = await framesOf(await ask(bodyOf(plain)));
    const thought = joinedOf(seen, 'reasoningContentEvent', 'text');
    expect(joinedOf(seen, 'reasoningContentEvent', 'signature')).toBe(signThinking(thought));
  });

  it('makes calls one after another: opening, pieces, end', async () => {
    upstream.script('parallel=2');
    const seen = await framesOf(await ask(bodyOf({ ...plain, tools: [tool('a'), tool('b')] })));
    const events = seen.frames.filter(({ headers }) => headers[':event-type'] === 'toolUseEvent');
    const shapes = events.map(({ payload }) => {
      const { name, input, stop } = payload as JsonObject;
      return `${String(name)}${typeof input === 'string' ? '+' : ''}${stop === true ? '.' : ''}`;
    });
    expect(shapes.join(' ')).toMatch(/^a (a\+ )+a\. b (b\+ )+b\.$/);
  });

  it('breaks off in the ways that a script names', async () => {
    upstream.script('text=4,truncate=2', { times: 1 });
    const cut = await framesOf(await ask(bodyOf(plain)));
    expect(cut.rest).toBeGreaterThan(0);
    expect(joinedOf(cut, 'assistantResponseEvent', 'content')).toBe('word0 word1 ');
    upstream.script('tools,open-call', { times: 1 });
    const open = await framesOf(await ask(bodyOf({ ...plain, tools: [tool()] })));
    expect([open.rest, typesOf(open).at(-1)]).toEqual([0, 'toolUseEvent']);
    expect(open.frames.some(({ payload }) => (payload as JsonObject)['stop'] === true)).toBe(false);
    upstream.script('no-usage', { times: 1 });
    expect(typesOf(await framesOf(await ask(bodyOf(plain))))).not.toContain('contextUsageEvent');
  });

  it.each<[string, string]>([
    ['error-before', '!throttlingException'],
    ['text=3,error-after=1', '!throttlingException'],
    ['error-after=1,exception=internalServerException', '!internalServerException'],
    ['error-after=1,exception=invalidStateEvent', 'invalidStateEvent'],
    ['error-after=1,exception=error', '!InternalFailure'],
  ])('ends a stream by %s', async (script, last) => {
    upstream.script(script);
    const seen = await framesOf(await ask(bodyOf(plain)));
    expect(typesOf(seen).at(-1)).toBe(last);
    expect(joinedOf(seen, 'assistantResponseEvent', 'content').length > 0).toBe(!script.startsWith('error-before'));
  });

  it.each<[string, number, string, string | null]>([
    ['429', 429, 'ThrottlingException', null],
    ['529', 429, 'ThrottlingException', 'INSUFFICIENT_MODEL_CAPACITY'],
    ['500', 500, 'InternalServerException', null],
    ['500,reason=MODEL_TEMPORARILY_UNAVAILABLE', 500, 'InternalServerException', 'MODEL_TEMPORARILY_UNAVAILABLE'],
    ['503', 503, 'ServiceUnavailableException', null],
    ['quota', 400, 'ThrottlingException', 'MONTHLY_REQUEST_COUNT'],
    ['quota,status=429,reason=DAILY_REQUEST_COUNT', 429, 'ThrottlingException', 'DAILY_REQUEST_COUNT'],
    ['401', 403, 'AccessDeniedException', null],
    ['403', 403, 'AccessDeniedException', null],
    ['suspended', 403, 'AccessDeniedException', 'TEMPORARILY_SUSPENDED'],
    ['no-credit', 403, 'AccessDeniedException', 'FEATURE_NOT_SUPPORTED'],
    ['too-long', 400, 'ValidationException', 'CONTENT_LENGTH_EXCEEDS_THRESHOLD'],
    ['404', 400, 'ValidationException', 'INVALID_MODEL_ID'],
    ['400', 400, 'ValidationException', null],
  ])('refuses by the script %s in both shapes', async (script, status, type, reason) => {
    upstream.script(script);
    const json = await ask(bodyOf(plain));
    expect(json.status).toBe(status);
    expect(await json.json()).toMatchObject({ __type: `com.amazon.aws.codewhisperer#${type}`, reason });
    const rest = await ask(bodyOf(plain), { 'content-type': 'application/json' }, '/generateAssistantResponse');
    expect(rest.headers.get('x-amzn-errortype')).toMatch(new RegExp(`^${type}:`));
    const said = (await rest.json()) as JsonObject;
    expect(said).toMatchObject({ reason });
    expect(said).not.toHaveProperty('__type');
  });
});
