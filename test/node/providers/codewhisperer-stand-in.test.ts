import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from '../../../kit/clock.ts';
import type { StreamEvent } from '../../../node/conversation/contract.ts';
import { orderBreach } from '../../../node/conversation/order-check.ts';
import { amazonqProvider } from '../../../node/providers/amazonq/index.ts';
import type { Provider, TokenSource, Upstream, UpstreamRequest } from '../../../node/providers/contract.ts';
import { kiroProvider } from '../../../node/providers/kiro-api/index.ts';
import { ManualClock } from '../../manual-clock.ts';
import { conversation, joined, lastUsage, lookup, toolTurn } from '../../suites/conversations.ts';
import { GivenToken } from '../../suites/given-token.ts';
import { ProviderDrive } from '../../suites/provider-drive.ts';
import { providerEnvironment } from '../../suites/provider-environment.ts';
import { startAmazonq } from '../../upstream/amazonq/amazonq.ts';
import type { AssistantUpstream } from '../../upstream/codewhisperer/start.ts';
import { type KiroUpstream, startKiro } from '../../upstream/kiro/kiro.ts';
import { socialProfileArn } from '../../upstream/oauth-issuer.ts';
import { thought } from '../../upstream/plan.ts';

const model = 'claude-sonnet-4.5';
const ask = (text: string, more = {}) => conversation(model, text, more);
const faultIn = (events: StreamEvent[]) => events.find((event) => event.type === 'fault')?.fault;
const typesOf = (events: StreamEvent[]) => events.map(({ type }) => type);
const dayMs = 86_400_000;

interface Case {
  start(): Promise<AssistantUpstream>;
  drive(upstream: AssistantUpstream): ProviderDrive<unknown>;
}

function caseOf<Credential>(
  start: () => Promise<AssistantUpstream>,
  provider: Provider<Credential>,
  fields: Record<string, string>,
): Case {
  const accountFields = ({ url }: { url: string }, key: string) => ({ refresh_token: key, base_url: url, ...fields });
  const environment = (_upstream: unknown, key: string) => ({ token: new GivenToken(key) });
  const subject = { provider, startUpstream: start, accountFields, environment, model };
  return { start, drive: (upstream) => new ProviderDrive(subject, upstream) };
}

const cases: [string, Case][] = [
  ['Amazon Q', caseOf(() => startAmazonq(), amazonqProvider, { client_id: 'c', client_secret: 's' })],
  ['Kiro', caseOf(() => startKiro(), kiroProvider, { token_url: 'http://127.0.0.1:9/refreshToken' })],
];

describe.each(cases)('%s against its stand-in', (_name, { start, drive: driveAt }) => {
  let upstream: AssistantUpstream;
  beforeAll(async () => {
    upstream = await start();
  });
  beforeEach(() => upstream.clear());
  afterAll(() => upstream.close());
  const drive = () => driveAt(upstream);

  it.each<[string, string, string]>([
    ['429', 'upstream_rate_limited', 'rest'],
    ['529', 'upstream_overloaded', 'none'],
    ['500', 'upstream_error', 'breaker'],
    ['500,reason=MODEL_TEMPORARILY_UNAVAILABLE', 'upstream_overloaded', 'none'],
    ['503', 'upstream_overloaded', 'none'],
    ['quota', 'upstream_rate_limited', 'rest'],
    ['quota,status=400', 'upstream_rate_limited', 'rest'],
    ['quota,status=402', 'upstream_rate_limited', 'rest'],
    ['quota,status=429', 'upstream_rate_limited', 'rest'],
    ['quota,status=402,reason=OVERAGE_REQUEST_LIMIT_EXCEEDED', 'upstream_rate_limited', 'rest'],
    ['401', 'upstream_token_refused', 'none'],
    ['401,status=401', 'upstream_token_refused', 'none'],
    ['403', 'upstream_unauthorised', 'breaker'],
    ['suspended', 'upstream_account_suspended', 'disable'],
    ['no-credit', 'upstream_not_entitled', 'disable'],
    ['403,message=Your%20subscription%20does%20not%20support%20this%20application', 'upstream_not_entitled', 'disable'],
    ['too-long', 'context_too_long', 'none'],
    ['404', 'upstream_model_not_found', 'none'],
    ['400', 'upstream_rejected', 'none'],
    ['413', 'upstream_rejected', 'none'],
  ])('reads the refusal %s as %s (%s)', async (script, code, penalty) => {
    upstream.script(script);
    expect(await drive().faultOf(ask('x'))).toMatchObject({ code, penalty });
  });

  it('rests an account until its quota comes back', async () => {
    upstream.script('quota');
    const driven = drive();
    const first = await driven.faultOf(ask('x'));
    expect(first.retryAfterMs).toBeGreaterThan(0);
    expect(first.retryAfterMs).toBeLessThanOrEqual(31 * dayMs);
    upstream.service.usage.resetAtMs = Date.now() + 90 * dayMs;
    const next = drive();
    await next.faultOf(ask('x'));
    // The account asks for its usage when it hears of the end, beside the request.
    await vi.waitFor(async () => {
      const { retryAfterMs = 0 } = await next.faultOf(ask('x'));
      expect(Math.round(retryAfterMs / dayMs)).toBe(90);
    });
    expect(upstream.calls.GetUsageLimits).toBeGreaterThan(0);
    upstream.script('quota,status=429,reason=DAILY_REQUEST_COUNT');
    const daily = await drive().faultOf(ask('x'));
    expect(daily.retryAfterMs).toBeLessThanOrEqual(dayMs);
  });

  it('asks once more where the same was seen to pass', async () => {
    upstream.script('400,reason=REQUEST_BODY_INVALID,message=Invalid%20tool%20use%20format.', { times: 1 });
    const { first, second } = await revised(drive().upstream, ask('x'));
    expect([first.status, second?.status]).toEqual([400, 200]);
  });

  it.each([
    ['tools,open-call', 'upstream_truncated'],
    ['text=3,truncate', 'upstream_truncated'],
    ['text=3,error-after=1', 'upstream_overloaded'],
    ['text=3,error-after=1,exception=internalServerException', 'upstream_error'],
    ['text=3,error-after=1,exception=InternalServerException', 'upstream_error'],
    ['text=3,error-after=1,exception=invalidStateEvent', 'upstream_error'],
    ['text=3,error-after=1,exception=error', 'upstream_error'],
    ['error-before,exception=ContentLengthExceededException', 'context_too_long'],
    [
      'error-before,exception=throttlingException,reason=MONTHLY_REQUEST_COUNT,message=Maximum%20Request%20reached%20for%20this%20month.',
      'upstream_rate_limited',
    ],
  ])('ends the stream of %s with %s', async (script, code) => {
    upstream.script(script);
    const events = await drive().events(ask('x', { tools: [lookup] }));
    expect(orderBreach(events)).toBeUndefined();
    expect(typesOf(events)).not.toContain('finish');
    expect(faultIn(events)?.code).toBe(code);
  });

  it('takes the end without usage for an end, and estimates', async () => {
    upstream.script('no-usage');
    const events = await drive().events(ask('no numbers'));
    expect(typesOf(events)).toContain('finish');
    expect(lastUsage(events)).toMatchObject({ estimated: true });
  });

  it('reads the share of the window, and token counts where they come', async () => {
    const shared = await drive().answer(ask('how much'));
    const { tokens } = upstream.totals;
    expect(shared.usage).toMatchObject({ estimated: true });
    expect((shared.usage?.inputTotal ?? 0) + (shared.usage?.outputTotal ?? 0)).toBe(tokens.uncached + tokens.output);
    upstream.clear();
    upstream.script('token-usage');
    const counted = await drive().answer(ask('how much'));
    const { uncached, output } = upstream.totals.tokens;
    expect(counted.usage).toMatchObject({ inputTotal: uncached, outputTotal: output, estimated: false });
  });

  it.each(['length', 'text=3,error-after=1,exception=ContentLengthExceededException'])(
    'ends for want of room: %s',
    async (script) => {
      upstream.script(script);
      const events = await drive().events(ask('long'));
      expect(events.find(({ type }) => type === 'finish')).toEqual({ type: 'finish', reason: 'length' });
    },
  );

  it('asks for thinking by tags, and cuts it out of the text', async () => {
    const thinking = { mode: 'on' as const, budgetTokens: 4_000 };
    const events = await drive().events(ask('think about it', { thinking }));
    expect(orderBreach(events)).toBeUndefined();
    expect([joined(events, 'thinking'), joined(events, 'text').trim()]).toEqual([thought, 'think about it']);
    expect(upstream.requests.at(-1)?.body.toString()).toContain('<max_thinking_length>4000<');
  });

  it('does not ask for it beside tool results', async () => {
    const thinking = { mode: 'on' as const, budgetTokens: 4_000 };
    const call = {
      type: 'tool_call' as const,
      id: 'c1',
      name: lookup.name,
      argumentsJson: '{"lake":"Bled","depth":1}',
    };
    const result = { type: 'tool_result' as const, callId: 'c1', content: [{ type: 'text' as const, text: 'deep' }] };
    const messages = toolTurn([call], [result]);
    const events = await drive().events(ask('', { thinking, messages, tools: [lookup] }));
    expect(joined(events, 'text')).toBe('The tools said: deep');
    expect(upstream.requests.at(-1)?.complaint).toBeUndefined();
  });

  it('proves an account without a chat', async () => {
    const driven = drive();
    expect((await driven.send(driven.upstream.probe(model))).status).toBe(200);
    expect(upstream.calls).toMatchObject({ GetUsageLimits: 1, GenerateAssistantResponse: 0 });
    upstream.script('suspended');
    const { status, headers, chunks } = await driven.send(driven.upstream.probe(model));
    expect(driven.upstream.readFault(status, headers, Buffer.concat(chunks)).code).toBe('upstream_account_suspended');
  });
});

async function revised(upstream: Upstream, asked: ReturnType<typeof ask>) {
  const { request, reader = upstream } = upstream.encode(asked);
  const { first, second } = await revisedOf(upstream, request);
  if (second?.status === 200) reader.decodeAnswer(second.body);
  return { first, second };
}

/** The request, and the second one where the provider knows another way. */
async function revisedOf(upstream: Upstream, request: UpstreamRequest) {
  const environment = providerEnvironment();
  const sendOnce = async (request: UpstreamRequest) => {
    const ready = (await upstream.authorise?.(request)) ?? request;
    return environment.ask({ ...ready, origin: ready.origin ?? upstream.origin });
  };
  const first = await sendOnce(request);
  if (first.status === 200) return { first, second: undefined };
  const again = await upstream.revise?.(request, upstream.readFault(first.status, first.headers, first.body));
  const second = again === undefined ? undefined : await sendOnce(again);
  return { first, second };
}

describe('profiles of Kiro', () => {
  let upstream: KiroUpstream;
  beforeAll(async () => {
    upstream = await startKiro();
  });
  beforeEach(() => {
    upstream.clear();
    upstream.service.requiresProfile = false;
  });
  afterAll(() => upstream.close());

  const open = (token: TokenSource, fields: Record<string, unknown> = {}, clock: Clock = systemClock): Upstream => {
    const credential = kiroProvider.credential.parse({
      refresh_token: 'r',
      token_url: `${upstream.issuer.url}/refreshToken`,
      base_url: upstream.url,
      ...fields,
    });
    return kiroProvider.open({ id: 'k', provider: 'kiro-api', ...credential }, providerEnvironment({ token, clock }));
  };
  const tokenOf = (id: string, kind: 'builder-id' | 'enterprise' | 'social', extras = {}) => {
    upstream.account(id, kind);
    return new GivenToken(upstream.issuer.grant(id, kind === 'social').accessToken, extras);
  };

  it('are found for an enterprise account, once', async () => {
    const account = open(tokenOf('e1', 'enterprise'));
    const { first, second } = await revised(account, ask('x'));
    expect([first.status, second?.status]).toEqual([400, 200]);
    expect((await revised(account, ask('x'))).first.status).toBe(200);
    expect(upstream.calls.ListAvailableProfiles).toBe(1);
  });

  it('are looked up again soon where that failed, and late where there are none', async () => {
    const clock = new ManualClock();
    const account = open(tokenOf('e3', 'enterprise'), {}, clock);
    upstream.script('503', { path: '/ListAvailableProfiles', times: 1 });
    await expect(revised(account, ask('x'))).rejects.toMatchObject({ code: 'upstream_overloaded' });
    expect((await revised(account, ask('x'))).second).toBeUndefined();
    clock.advance(10_000);
    expect((await revised(account, ask('x'))).second?.status).toBe(200);
    upstream.service.requiresProfile = true;
    const other = open(tokenOf('b3', 'builder-id'), {}, clock);
    for (let minute = 0; minute < 10; minute++) {
      expect((await revised(other, ask('x'))).second).toBeUndefined();
      clock.advance(60_000);
    }
    expect(upstream.calls.ListAvailableProfiles).toBe(3);
  });

  it('come with a social login', async () => {
    upstream.service.requiresProfile = true;
    const account = open(tokenOf('s1', 'social', { profile_arn: socialProfileArn }));
    expect((await revised(account, ask('x'))).first.status).toBe(200);
    expect(upstream.calls.ListAvailableProfiles).toBe(0);
  });

  it('are left out where the account has none', async () => {
    const account = open(tokenOf('b1', 'builder-id', { profile_arn: socialProfileArn }));
    const { first, second } = await revised(account, ask('x'));
    expect([first.status, second?.status]).toEqual([403, 200]);
    expect((await revised(account, ask('x'))).first.status).toBe(200);
  });

  it.each<[string, 'builder-id' | 'enterprise', object, number]>([
    ['found', 'enterprise', {}, 400],
    ['left out', 'builder-id', { profile_arn: socialProfileArn }, 403],
  ])('are %s for lists and usage too', async (_name, kind, extras, refused) => {
    const account = open(tokenOf(`l-${kind}`, kind, extras));
    for (const request of [account.models!.request(), account.probe(model)]) {
      const { first, second } = await revisedOf(account, request);
      expect([first.status, second?.status ?? 200]).toEqual([expect.any(Number), 200]);
      expect([refused, 200]).toContain(first.status);
    }
    expect(upstream.requests.some(({ status }) => status === refused)).toBe(true);
  });

  it('are not sent with an API key, which goes with its header', async () => {
    const { api_key } = upstream.account('a1', 'api-key');
    const account = open(new GivenToken(undefined), { refresh_token: undefined, token_url: undefined, api_key });
    expect((await revised(account, ask('x'))).first.status).toBe(200);
    expect(upstream.requests.at(-1)?.headers['tokentype']).toBe('API_KEY');
  });
});
