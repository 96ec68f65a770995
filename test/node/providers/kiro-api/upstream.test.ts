import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineFaults, type Fault } from '../../../../kit/fault.ts';
import type { JsonObject } from '../../../../kit/json.ts';
import { kiroProvider } from '../../../../node/providers/kiro-api/index.ts';
import type {
  ProviderAnswer,
  ProviderEnvironment,
  Upstream,
  UpstreamRequest,
} from '../../../../node/providers/contract.ts';
import { ManualClock } from '../../../manual-clock.ts';
import { conversation } from '../../../suites/conversations.ts';
import { notesInMemory, providerEnvironment } from '../../../suites/provider-environment.ts';
import { bodyOf, headersOf, tokenOf } from '../requests.ts';
import { filesOf } from './files.ts';

const refresh = `aor${'A'.repeat(120)}:MGY`;
const arn = 'arn:aws:codewhisperer:us-east-1:444455556666:profile/TESTPROFILE1';
const euArn = arn.replace('us-east-1', 'eu-central-1');
const q = 'https://q.us-east-1.amazonaws.com';
const runtime = 'https://runtime.us-east-1.kiro.dev';
const social = { refresh_token: refresh };
const idc = { refresh_token: refresh, client_id: 'c', client_secret: 's' };
const key = { api_key: 'ksk_1' };

interface Opened {
  upstream: Upstream;
  notes: ReturnType<typeof notesInMemory>;
  token: ReturnType<typeof tokenOf>;
  clock: ManualClock;
  asked: (UpstreamRequest & { origin: string })[];
}

function open(
  fields: JsonObject,
  {
    answers = [],
    notes = notesInMemory(),
    extras = {},
    ...given
  }: Partial<ProviderEnvironment> & {
    answers?: ProviderAnswer[];
    notes?: Opened['notes'];
    extras?: Record<string, string>;
  } = {},
): Opened {
  const credential = z.parse(kiroProvider.credential, fields);
  const asked: Opened['asked'] = [];
  const token = tokenOf('access-1', extras);
  const clock = new ManualClock();
  const environment = providerEnvironment({
    notes,
    clock,
    ...('api_key' in fields ? {} : { token }),
    ask(request) {
      asked.push(request);
      const answer = answers.shift();
      if (answer === undefined) throw new Error('was not to be asked');
      return Promise.resolve(answer);
    },
    ...given,
  });
  const upstream = kiroProvider.open({ id: 'k', provider: 'kiro-api', ...credential }, environment);
  return { upstream, notes, token, clock, asked };
}

const question = conversation('claude-sonnet-4-5', 'Hello', { thinking: { mode: 'on' } });

/** Writes the question and has it authorised, as the node does. */
function ask({ upstream }: Opened) {
  const { request, reader } = upstream.encode(question);
  void upstream.authorise?.(request);
  return { request, reader: reader! };
}

function refusal(upstream: Upstream, status: number, body: JsonObject): Fault {
  return upstream.readFault(status, {}, Buffer.from(JSON.stringify(body)));
}

const invalidBearer = { message: 'The bearer token included in the request is invalid.', reason: null };

describe('where a Kiro account is asked', () => {
  it.each<[string, JsonObject, string]>([
    ['social', social, runtime],
    ['IdC', idc, q],
    ['key', key, q],
    ['as set', { ...social, host: 'q' }, q],
    ['as set, the other', { ...key, host: 'runtime' }, runtime],
    ['by the profile', { ...idc, profile_arn: euArn }, 'https://q.eu-central-1.amazonaws.com'],
    ['by the login’s region', { ...idc, auth_region: 'eu-west-1' }, 'https://q.eu-central-1.amazonaws.com'],
    ['by the login’s region, elsewhere', { ...idc, auth_region: 'ap-southeast-1' }, q],
    ['by its own region', { ...idc, profile_arn: arn, region: 'eu-central-1' }, 'https://q.eu-central-1.amazonaws.com'],
    ['at a base URL', { ...social, base_url: 'http://127.0.0.1:9/kiro' }, 'http://127.0.0.1:9'],
  ])('%s', (_name, fields, origin) => {
    const { upstream } = open(fields);
    expect(upstream.origin).toBe(origin);
    const { request } = upstream.encode(question);
    const prefix = 'base_url' in fields ? '/kiro' : '';
    expect(request).toMatchObject({ method: 'POST', origin, path: `${prefix}/generateAssistantResponse` });
  });

  it('thinks by the host', () => {
    const native = bodyOf(open(social).upstream.encode(question).request);
    expect(native['additionalModelRequestFields']).toEqual({ thinking: { type: 'adaptive', display: 'summarized' } });
    const tags = open(idc).upstream.encode(question).request;
    expect(bodyOf(tags)).not.toHaveProperty('additionalModelRequestFields');
    expect(String(tags.body)).toContain('<thinking_mode>enabled</thinking_mode>');
    const stood = open({ ...social, base_url: 'http://127.0.0.1:9', host: 'runtime' }).upstream.encode(
      question,
    ).request;
    expect(bodyOf(stood)).toHaveProperty('additionalModelRequestFields');
  });
});

describe('a request to Kiro', () => {
  it('has the headers of its IDE', async () => {
    const machine_id = 'ab'.repeat(32);
    const { upstream } = open({
      ...idc,
      machine_id,
      client_version: '1.2.3',
      sdk_version: '1.0.35',
      agent_mode: 'spec',
      opt_out: false,
    });
    const { request } = upstream.encode(question);
    const client = `KiroIDE-1.2.3-${machine_id}`;
    expect(headersOf(request)).toEqual({
      'content-type': 'application/json',
      accept: '*/*',
      'x-amzn-kiro-agent-mode': 'spec',
      'x-amzn-codewhisperer-optout': 'false',
      'user-agent': `aws-sdk-js/1.0.35 ua/2.1 os/linux#6.8.0 lang/js md/nodejs#22.21.1 api/codewhispererstreaming#1.0.35 m/E ${client}`,
      'x-amz-user-agent': `aws-sdk-js/1.0.35 ${client}`,
      'amz-sdk-request': 'attempt=1; max=3',
    });
    expect(headersOf((await upstream.authorise?.(request))!)).toMatchObject({ authorization: 'Bearer access-1' });
  });

  it('says that a key is one', async () => {
    const { upstream } = open(key);
    const headers = headersOf((await upstream.authorise?.(upstream.encode(question).request))!);
    expect(headers).toMatchObject({ authorization: 'Bearer ksk_1', tokentype: 'API_KEY' });
    expect(upstream.token).toBeUndefined();
  });

  it('has the body of its IDE', () => {
    const { request } = open({ ...idc, origin: 'KIRO_CLI' }).upstream.encode(
      conversation('claude-sonnet-4-5', 'Hello'),
    );
    const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
    expect(bodyOf(request)).toEqual({
      conversationState: {
        conversationId: uuid,
        agentContinuationId: uuid,
        agentTaskType: 'vibe',
        chatTriggerType: 'MANUAL',
        currentMessage: { userInputMessage: { content: 'Hello', modelId: 'claude-sonnet-4.5', origin: 'KIRO_CLI' } },
      },
    });
  });

  it('comes from one machine, whatever token it has', () => {
    const notes = notesInMemory();
    const agent = (fields: JsonObject) =>
      headersOf(open(fields, { notes }).upstream.probe(undefined))['x-amz-user-agent'];
    const first = agent(social);
    expect(first).toMatch(/KiroIDE-0\.12\.0-[0-9a-f]{64}$/);
    expect(agent({ refresh_token: refresh.replaceAll('A', 'B') })).toBe(first);
    notes.all.clear();
    expect(agent({ refresh_token: refresh.replaceAll('A', 'B') })).not.toBe(first);
  });

  it('carries the profile that its login gave', () => {
    const own = (given: Opened) => bodyOf(given.upstream.encode(question).request)['profileArn'];
    expect(own(open(social, { extras: { profile_arn: euArn } }))).toBe(euArn);
    expect(own(open({ ...social, profile_arn: arn }, { extras: { profile_arn: euArn } }))).toBe(arn);
    expect(own(open(idc))).toBeUndefined();
    const files = filesOf({ '/f.json': { refreshToken: refresh, profileArn: arn } });
    expect(own(open({ creds_file: '/f.json' }, { files }))).toBe(arn);
    const keyed = filesOf({ '/f.json': { kiroApiKey: 'ksk_1', profileArn: arn } });
    expect(own(open({ creds_file: '/f.json' }, { files: keyed }))).toBeUndefined();
  });

  it('of the transparent route has a path of its own', () => {
    const { upstream } = open(idc);
    const request = upstream.transparent({
      method: 'GET',
      path: '/getUsageLimits?a=1',
      headers: ['accept', 'x'],
      body: undefined,
    });
    expect(request).toMatchObject({ method: 'GET', origin: q, path: '/getUsageLimits?a=1' });
    expect(headersOf(request)).toMatchObject({ accept: 'x', 'x-amzn-kiro-agent-mode': 'vibe' });
  });
});

describe('the side calls of Kiro', () => {
  it.each<[string, JsonObject, string, string, string]>([
    [
      'old hosts',
      { ...idc, profile_arn: arn },
      q,
      '/ListAvailableModels?origin=AI_EDITOR&nextToken=n%26x',
      '/getUsageLimits?origin=AI_EDITOR&resourceType=AGENTIC_REQUEST',
    ],
    [
      'new hosts',
      { ...social, profile_arn: arn },
      'https://management.us-east-1.kiro.dev',
      '/List-Available-Models?origin=KIRO_CLI&nextToken=n%26x',
      '/Get-Usage-Limits?origin=KIRO_CLI&resourceType=CREDIT&isEmailRequired=false',
    ],
  ])('go to the %s', (_name, fields, origin, models, usage) => {
    const { upstream } = open(fields);
    const query = `&profileArn=${encodeURIComponent(arn)}`;
    expect(upstream.models?.request('n&x')).toMatchObject({ method: 'GET', origin, path: models + query });
    const probe = upstream.probe('m');
    expect(probe).toMatchObject({ method: 'GET', origin, path: usage + query, body: undefined });
    expect(headersOf(probe)).toMatchObject({ accept: 'application/json', 'amz-sdk-request': 'attempt=1; max=1' });
  });

  it.each<[string, JsonObject, string, JsonObject]>([
    ['old hosts', idc, `${q}/`, { 'x-amz-target': 'AmazonCodeWhispererService.ListAvailableProfiles' }],
    [
      'new hosts',
      social,
      'https://management.us-east-1.kiro.dev/List-Available-Profiles',
      { 'content-type': 'application/json' },
    ],
  ])('look up the profile at the %s', async (_name, fields, url, headers) => {
    const answer = { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ profiles: [{ arn: euArn }] })) };
    const opened = open(fields, { answers: [answer] });
    const { request } = ask(opened);
    const fault = refusal(opened.upstream, 400, { message: 'profileArn is required for this request.', reason: null });
    const revised = await opened.upstream.revise?.(request, fault);
    expect(bodyOf(revised!)).toMatchObject({ profileArn: euArn });
    expect(revised?.origin).toContain('eu-central-1');
    expect(opened.asked[0]!.origin + opened.asked[0]!.path).toBe(url);
    expect(headersOf(opened.asked[0]!)).toMatchObject({ ...headers, authorization: 'Bearer access-1' });
  });
});

describe('the other host of Kiro', () => {
  const { upstream_unreachable } = defineFaults({
    upstream_unreachable: { source: 'upstream', retry: 'other-account', status: 502, summary: 'As the node has it.' },
  });

  it('is asked when the first refuses a token that has just come, and is kept once it has served', () => {
    const opened = open(social);
    const { request, reader } = ask(opened);
    expect(request.origin).toBe(runtime);
    const revised = opened.upstream.revise?.(request, refusal(opened.upstream, 403, invalidBearer)) as UpstreamRequest;
    expect(revised).toMatchObject({ origin: q, path: '/generateAssistantResponse' });
    expect(String(revised.body)).toContain('<thinking_mode>');
    expect(bodyOf(revised)).not.toHaveProperty('additionalModelRequestFields');
    expect(opened.notes.get('host')).toBeUndefined();
    reader.openDecoder();
    expect(opened.notes.get('host')).toBe('q');
    expect(ask(opened).request.origin).toBe(q);
  });

  it('is asked when the first is gone', () => {
    const faults = (upstream: Upstream) => [
      upstream_unreachable('no such host'),
      ...[502, 503, 504].map((status) => refusal(upstream, status, {})),
    ];
    for (const index of [0, 1, 2, 3]) {
      const opened = open(idc);
      const revised = opened.upstream.revise?.(ask(opened).request, faults(opened.upstream)[index]!);
      expect(revised).toMatchObject({ origin: runtime });
    }
  });

  it('is not asked for a token that has ended', () => {
    const opened = open(idc);
    const { request, reader } = ask(opened);
    reader.openDecoder();
    const refused = () => refusal(opened.upstream, 403, invalidBearer);
    // It was served a moment ago.
    expect(opened.upstream.revise?.(ask(opened).request, refused())).toBeUndefined();
    // A new one is refused at once by a host that has taken others.
    opened.token.access = 'access-2';
    expect(opened.upstream.revise?.(ask(opened).request, refused())).toMatchObject({ origin: runtime });
    opened.clock.advance(120_000);
    expect(opened.upstream.revise?.(request, refused())).toBeUndefined();
    expect(opened.upstream.revise?.(request, refusal(opened.upstream, 401, invalidBearer))).toBeUndefined();
  });

  it('is asked for a token that no host has taken yet', () => {
    const opened = open(idc);
    const { request } = ask(opened);
    opened.clock.advance(120_000);
    const revised = opened.upstream.revise?.(request, refusal(opened.upstream, 403, invalidBearer));
    expect(revised).toMatchObject({ origin: runtime });
  });

  it.each<JsonObject>([
    { ...social, host: 'runtime' },
    { ...social, base_url: 'http://127.0.0.1:9' },
  ])('is not there where there is no choice: %j', (fields) => {
    const opened = open(fields);
    const { request, reader } = ask(opened);
    expect(opened.upstream.revise?.(request, refusal(opened.upstream, 403, invalidBearer))).toBeUndefined();
    expect(opened.upstream.revise?.(request, refusal(opened.upstream, 503, {}))).toBeUndefined();
    reader.openDecoder();
    expect(opened.notes.get('host')).toBeUndefined();
  });

  it('is not asked for what the request is to blame for', () => {
    const opened = open(idc);
    const { request } = ask(opened);
    for (const [status, body] of [
      [400, { message: 'Improperly formed request.' }],
      [429, { message: 'Too many requests' }],
      [403, { reason: 'TEMPORARILY_SUSPENDED' }],
      [500, {}],
      [503, { __type: 'com.amazon.aws#ServiceUnavailableException', message: 'busy' }],
    ] as [number, JsonObject][]) {
      expect(opened.upstream.revise?.(request, refusal(opened.upstream, status, body))).toBeUndefined();
    }
  });
});

describe('a profile that Kiro refuses', () => {
  const refused = { message: 'User is not authorized to make this call.' };

  it('is left out once, and for good where that helps', () => {
    const opened = open(idc, { extras: { profile_arn: arn } });
    const { request, reader } = ask(opened);
    const revised = opened.upstream.revise?.(request, refusal(opened.upstream, 403, refused)) as UpstreamRequest;
    expect(bodyOf(revised)).not.toHaveProperty('profileArn');
    expect(opened.upstream.revise?.(revised, refusal(opened.upstream, 403, refused))).toBeUndefined();
    reader.openDecoder();
    expect(bodyOf(ask(opened).request)).not.toHaveProperty('profileArn');
    // Until it is demanded.
    const wanted = { message: 'profileArn is required for this request.' };
    const again = opened.upstream.revise?.(
      ask(opened).request,
      refusal(opened.upstream, 400, wanted),
    ) as UpstreamRequest;
    expect(bodyOf(again)).toMatchObject({ profileArn: arn });
    expect(bodyOf(ask(opened).request)).toMatchObject({ profileArn: arn });
  });

  it('stays where a person set it', () => {
    const opened = open({ ...idc, profile_arn: arn });
    expect(opened.upstream.revise?.(ask(opened).request, refusal(opened.upstream, 403, refused))).toBeUndefined();
  });
});
