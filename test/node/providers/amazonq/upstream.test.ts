import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Fault } from '../../../../kit/fault.ts';
import type { JsonObject } from '../../../../kit/json.ts';
import { silentLog } from '../../../../kit/log.ts';
import { amazonqProvider } from '../../../../node/providers/amazonq/index.ts';
import type {
  ProviderAnswer,
  ProviderEnvironment,
  Upstream,
  UpstreamRequest,
} from '../../../../node/providers/contract.ts';
import { conversation, weather } from '../../../suites/conversations.ts';
import { notesInMemory, providerEnvironment } from '../../../suites/provider-environment.ts';
import { event as eventFrame } from '../../protocols/codewhisperer/frames.ts';
import { bodyOf, faultOf, headersOf, tokenOf } from '../requests.ts';

const arn = 'arn:aws:codewhisperer:eu-central-1:444455556666:profile/TESTPROFILE1';
const login = { refresh_token: 'r', client_id: 'c', client_secret: 's' };

interface Opened {
  upstream: Upstream;
  notes: ReturnType<typeof notesInMemory>;
  asked: (UpstreamRequest & { origin: string })[];
}

function open(
  fields: JsonObject = {},
  answers: ProviderAnswer[] = [],
  given: Partial<ProviderEnvironment> = {},
): Opened {
  const credential = z.parse(amazonqProvider.credential, { ...login, ...fields });
  const notes = notesInMemory();
  const asked: Opened['asked'] = [];
  const environment = providerEnvironment({
    notes,
    token: tokenOf('access-1'),
    ask(request) {
      asked.push(request);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('was not to be asked');
      return Promise.resolve(answer);
    },
    ...given,
  });
  return { upstream: amazonqProvider.open({ id: 'a', provider: 'amazonq', ...credential }, environment), notes, asked };
}

const answer = (body: JsonObject, status = 200): ProviderAnswer => ({
  status,
  headers: {},
  body: Buffer.from(JSON.stringify(body)),
});

function refusal(upstream: Upstream, status: number, body: JsonObject): Fault {
  return upstream.readFault(status, {}, Buffer.from(JSON.stringify(body)));
}

const question = conversation('claude-sonnet-4-5-20250929', 'Hello', { tools: [weather] });

describe('an account of Amazon Q', () => {
  it.each<JsonObject>([
    { refresh_token: '' },
    { profile_arn: 'profile' },
    { region: 'mars' },
    { base_url: 'file:///x' },
    { origin: 'a b' },
    { user_agent: 'two\nlines' },
    { unknown: 1 },
  ])('cannot have %j', (fields) => {
    expect(() => open(fields)).toThrow(z.ZodError);
  });

  it.each<[JsonObject, string]>([
    [{}, 'https://q.us-east-1.amazonaws.com'],
    [{ profile_arn: arn }, 'https://q.eu-central-1.amazonaws.com'],
    [{ profile_arn: 'arn:aws:codewhisperer::1:profile/x' }, 'https://q.us-east-1.amazonaws.com'],
    [{ base_url: 'http://127.0.0.1:9/', profile_arn: arn }, 'http://127.0.0.1:9'],
  ])('is asked where its profile is: %j', (fields, origin) => {
    const { upstream } = open(fields);
    expect(upstream.origin).toBe(origin);
    expect(upstream.encode(question).request).toMatchObject({ origin, path: '/' });
  });

  it('may stand behind a path', () => {
    const { upstream } = open({ base_url: 'http://127.0.0.1:9/q/' });
    expect(upstream.probe(undefined).path).toBe('/q/');
  });

  it.each([
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4.5'],
    ['claude-sonnet-4-20250514', 'claude-sonnet-4'],
    ['claude-3-7-sonnet-latest', 'claude-3.7-sonnet'],
    ['claude-haiku-4.5', 'claude-haiku-4.5'],
    ['gpt-4o', 'claude-sonnet-4'],
    ['claude-opus-4-5', 'claude-sonnet-4-5'],
    ['unheard-of', 'unheard-of'],
  ])('has its own name for %s: %s', (name, own) => {
    const { upstream } = open({ model_map: { 'gpt-4o': 'claude-sonnet-4', 'claude-opus-4-5': 'claude-sonnet-4-5' } });
    expect(upstream.upstreamModel(name)).toBe(own);
    const { request, reader } = upstream.encode({ ...question, model: own });
    expect(bodyOf(request)).toMatchObject({
      conversationState: { currentMessage: { userInputMessage: { modelId: own } } },
    });
    expect(reader).toBeDefined();
  });
});

describe('a request that Amazon Q refuses without a reason', () => {
  it('is logged by its shape, with the id by which AWS finds it', () => {
    const lines: string[] = [];
    const log = {
      ...silentLog,
      warn: (message: string, fields = {}) => void lines.push(JSON.stringify({ message, ...fields })),
    };
    const { upstream } = open({}, [], { log });
    const { request } = upstream.encode(question);
    const body = Buffer.from(JSON.stringify({ message: 'Improperly formed request.', reason: null }));
    const fault = upstream.readFault(400, { 'x-amzn-requestid': 'a-b-1' }, body);
    expect(upstream.revise?.(request, fault)).toBeUndefined();
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      message: 'the upstream refused the form of a request: Improperly formed request.',
      entries: 1,
      last_entries: 'user 5',
      tools: 1,
      upstream_request_id: 'a-b-1',
    });
    expect(lines[0]).not.toContain('Hello');
    upstream.revise?.(request, refusal(upstream, 500, { message: 'x' }));
    expect(lines).toHaveLength(1);
  });
});

describe('a request to Amazon Q', () => {
  it('has the headers of its command line', () => {
    const { upstream } = open();
    const { request, dropped } = upstream.encode({ ...question, temperature: 1 });
    expect(request.method).toBe('POST');
    expect(headersOf(request)).toEqual({
      'content-type': 'application/x-amz-json-1.0',
      accept: '*/*',
      'x-amz-target': 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse',
      'x-amzn-codewhisperer-optout': 'true',
      'user-agent':
        'aws-sdk-rust/1.3.9 ua/2.1 api/codewhispererstreaming/0.1.11582 os/linux lang/rust/1.87.0 md/appVersion-1.19.3 app/AmazonQ-For-CLI',
      'x-amz-user-agent':
        'aws-sdk-rust/1.3.9 ua/2.1 api/codewhispererstreaming/0.1.11582 os/linux lang/rust/1.87.0 m/F app/AmazonQ-For-CLI',
      'amz-sdk-request': 'attempt=1; max=3',
    });
    expect(dropped).toEqual(['temperature']);
    expect(bodyOf(request)).toMatchObject({
      conversationState: { currentMessage: { userInputMessage: { origin: 'CLI' } } },
    });
    expect(bodyOf(request)).not.toHaveProperty('profileArn');
  });

  it('has those of the settings instead', () => {
    const { upstream } = open({
      opt_out: 'false',
      user_agent: 'mine',
      amz_user_agent: 'too',
      origin: 'KIRO_CLI',
      profile_arn: arn,
    });
    const { request } = upstream.encode(question);
    expect(headersOf(request)).toMatchObject({
      'x-amzn-codewhisperer-optout': 'false',
      'user-agent': 'mine',
      'x-amz-user-agent': 'too',
    });
    expect(bodyOf(request)).toMatchObject({
      profileArn: arn,
      conversationState: { currentMessage: { userInputMessage: { origin: 'KIRO_CLI' } } },
    });
  });

  it('is authorised with the newest token, and counted anew', async () => {
    const token = tokenOf('access-1');
    const { upstream } = open({}, [], { token });
    const { request } = upstream.encode(question);
    const first = headersOf((await upstream.authorise?.(request))!);
    token.access = 'access-2';
    const second = headersOf((await upstream.authorise?.(request))!);
    expect([first['authorization'], second['authorization']]).toEqual(['Bearer access-1', 'Bearer access-2']);
    expect(first['amz-sdk-invocation-id']).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(second['amz-sdk-invocation-id']).not.toBe(first['amz-sdk-invocation-id']);
    token.access = undefined;
    expect(faultOf(() => upstream.authorise?.(request)).code).toBe('upstream_token_refused');
  });

  it('has an id of its own for every conversation', () => {
    const { upstream } = open();
    const ids = [1, 2].map(
      () => (bodyOf(upstream.encode(question).request)['conversationState'] as JsonObject)['conversationId'],
    );
    expect(new Set(ids).size).toBe(2);
  });

  it('is never a client’s own', () => {
    const { upstream } = open();
    expect(upstream.speaks('anthropic', 'generate')).toBe(false);
    const call = { body: Buffer.alloc(0), model: 'm', stream: false, protocolHeaders: [] };
    expect(faultOf(() => upstream.passThrough('anthropic', 'generate', call)).code).toBe('unsupported_field');
  });

  it('of the transparent route keeps path, body and target', async () => {
    const { upstream } = open();
    const body = Buffer.from('{}');
    const headers = [
      'Content-Type',
      'application/x-amz-json-1.0',
      'X-Amz-Target',
      'A.B',
      'Authorization',
      'Bearer mine',
      'User-Agent',
      'me',
    ];
    const request = upstream.transparent({ method: 'POST', path: '/?x=1', headers, body });
    expect(request).toMatchObject({ method: 'POST', path: '/?x=1', origin: 'https://q.us-east-1.amazonaws.com', body });
    const sent = headersOf((await upstream.authorise?.(request))!);
    expect(sent).toMatchObject({ 'x-amz-target': 'A.B', authorization: 'Bearer access-1' });
    expect(sent['user-agent']).toContain('AmazonQ-For-CLI');
    expect(upstream.revise?.(request, refusal(upstream, 400, { message: 'Invalid tool use format.' }))).toBeUndefined();
  });
});

describe('an answer of Amazon Q', () => {
  const frames = Buffer.concat([
    eventFrame('assistantResponseEvent', { content: 'Hi <END> there' }),
    eventFrame('contextUsageEvent', { contextUsagePercentage: 10 }),
  ]);

  it('is read with what its request knew', () => {
    const { upstream } = open();
    upstream.models?.parse(
      Buffer.from(
        JSON.stringify({ models: [{ modelId: 'claude-sonnet-4.5', tokenLimits: { maxInputTokens: 1_000_000 } }] }),
      ),
    );
    const { reader } = upstream.encode({ ...question, stop: ['<END>'] });
    const read = reader!.decodeAnswer(frames);
    expect(read).toMatchObject({
      model: 'claude-sonnet-4.5',
      parts: [{ type: 'text', text: 'Hi ' }],
      finish: 'stop_sequence',
    });
    expect(read.id).toMatch(/^msg_/);
    expect((read.usage.inputTotal ?? 0) + (read.usage.outputTotal ?? 0)).toBeGreaterThan(90_000);
  });

  it('is read without it as well', () => {
    const { upstream } = open();
    expect(upstream.decodeAnswer(frames).parts).toEqual([{ type: 'text', text: 'Hi <END> there' }]);
    const events: unknown[] = [];
    upstream.openDecoder().push(frames, events as never);
    expect(events).toContainEqual(expect.objectContaining({ type: 'text' }));
  });
});

describe('the side calls of Amazon Q', () => {
  it('list models page by page', () => {
    const { models } = open({ profile_arn: arn }).upstream;
    const request = models!.request();
    expect(headersOf(request)['x-amz-target']).toBe('AmazonCodeWhispererService.ListAvailableModels');
    expect(bodyOf(request)).toEqual({ origin: 'CLI', profileArn: arn });
    expect(bodyOf(models!.request('next'))).toEqual({ origin: 'CLI', profileArn: arn, nextToken: 'next' });
    const body = Buffer.from(
      JSON.stringify({
        models: [{ modelId: 'claude-sonnet-4.5', modelName: 'Sonnet' }, { modelId: 'auto' }, { modelId: 7 }, 8],
        nextToken: 'n',
      }),
    );
    expect(models!.parse(body)).toEqual([
      { id: 'claude-sonnet-4.5', displayName: 'Sonnet', aliases: ['claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'] },
      { id: 'auto' },
    ]);
    expect(models!.nextPage?.(body, {})).toBe('n');
    expect(models!.nextPage?.(Buffer.from('{"models":[],"nextToken":null}'), {})).toBeUndefined();
    for (const text of ['[]', '{}', 'no']) {
      expect(faultOf(() => models!.parse(Buffer.from(text))).code).toBe('upstream_bad_answer');
    }
  });

  it('probe without cost', () => {
    const request = open().upstream.probe('claude-sonnet-4.5');
    expect(headersOf(request)['x-amz-target']).toBe('AmazonCodeWhispererService.GetUsageLimits');
    expect(bodyOf(request)).toEqual({ origin: 'CLI', resourceType: 'AGENTIC_REQUEST' });
  });

  it('find out when a quota that is used up begins anew', async () => {
    const resetMs = Date.now() + 5 * 86_400_000;
    const { upstream, asked, notes } = open({}, [answer({ nextDateReset: resetMs / 1_000 })]);
    const body = {
      __type: 'ThrottlingException',
      message: 'Maximum Request reached for this month.',
      reason: 'MONTHLY_REQUEST_COUNT',
    };
    expect(refusal(upstream, 400, body)).toMatchObject({ code: 'upstream_rate_limited', penalty: 'rest' });
    await expect.poll(() => notes.get('quota_resets_at')).toBe(String(resetMs));
    const again = refusal(upstream, 400, body);
    expect(Math.abs(again.retryAfterMs! - 5 * 86_400_000)).toBeLessThan(60_000);
    expect(asked).toHaveLength(1);
    expect(headersOf(asked[0]!)).toMatchObject({ authorization: 'Bearer access-1' });
  });

  it.each([answer({}, 500), answer({ nextDateReset: 'soon' })])('may not find it out', async (given) => {
    const { upstream, asked, notes } = open({}, [given]);
    refusal(upstream, 402, { reason: 'MONTHLY_REQUEST_COUNT' });
    refusal(upstream, 402, { reason: 'MONTHLY_REQUEST_COUNT' });
    await expect.poll(() => asked.length).toBe(1);
    expect(notes.all.size).toBe(0);
  });
});

describe('asking Amazon Q another way', () => {
  const wanted = { message: 'profileArn is required for this request.', reason: null };

  it('repeats what was seen to pass', () => {
    const { upstream } = open();
    const { request } = upstream.encode(question);
    const fault = refusal(upstream, 400, { message: 'Invalid tool use format.', reason: 'REQUEST_BODY_INVALID' });
    expect(upstream.revise?.(request, fault)).toBe(request);
    expect(upstream.revise?.(request, refusal(upstream, 500, {}))).toBeUndefined();
    expect(
      upstream.revise?.(request, refusal(upstream, 400, { message: 'Improperly formed request.' })),
    ).toBeUndefined();
  });

  it('looks the profile up when it is demanded, and keeps it', async () => {
    const { upstream, asked, notes } = open({}, [answer({ profiles: [{ arn: 'odd' }, { arn, profileName: 'x' }] })]);
    const { request } = upstream.encode(question);
    const revised = await upstream.revise?.(request, refusal(upstream, 400, wanted));
    expect(bodyOf(revised!)).toMatchObject({ profileArn: arn });
    expect(revised).toMatchObject({ origin: 'https://q.eu-central-1.amazonaws.com' });
    expect(headersOf(asked[0]!)).toMatchObject({
      'x-amz-target': 'AmazonCodeWhispererService.ListAvailableProfiles',
      authorization: 'Bearer access-1',
    });
    expect(notes.get('profile_arn')).toBe(arn);
    expect(bodyOf(upstream.encode(question).request)).toMatchObject({ profileArn: arn });
    expect(upstream.revise?.(revised!, refusal(upstream, 400, wanted))).toBeUndefined();
  });

  it('looks once for many at a time, and not again soon', async () => {
    const { upstream, asked } = open({}, [answer({ message: 'not supported' }, 403)]);
    const requests = [1, 2, 3].map(() => upstream.encode(question).request);
    const revised = await Promise.all(
      requests.map((request) => upstream.revise?.(request, refusal(upstream, 400, wanted))),
    );
    expect(revised).toEqual([undefined, undefined, undefined]);
    expect(upstream.revise?.(requests[0]!, refusal(upstream, 400, wanted))).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it('leaves a profile out that was found and is refused', async () => {
    const { upstream, notes } = open();
    notes.set('profile_arn', arn);
    const { request, reader } = upstream.encode(question);
    const fault = refusal(upstream, 403, { message: 'User is not authorized to make this call.' });
    const revised = await upstream.revise?.(request, fault);
    expect(bodyOf(revised!)).not.toHaveProperty('profileArn');
    expect(revised).toMatchObject({ origin: 'https://q.us-east-1.amazonaws.com' });
    expect(notes.get('profile_arn')).toBe(arn);
    reader!.openDecoder();
    expect(notes.get('profile_arn')).toBe('none');
    expect(bodyOf(upstream.encode(question).request)).not.toHaveProperty('profileArn');
  });

  it('keeps one that a person set', () => {
    const { upstream } = open({ profile_arn: arn });
    const { request } = upstream.encode(question);
    const fault = refusal(upstream, 403, { message: 'User is not authorized to make this call.' });
    expect(upstream.revise?.(request, fault)).toBeUndefined();
  });
});
