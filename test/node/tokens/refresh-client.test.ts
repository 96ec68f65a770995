import * as fc from 'fast-check';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { Secret } from '../../../kit/secret.ts';
import { loneExchange } from '../../../node/forward/lone-exchange.ts';
import type { TokenLogin } from '../../../node/providers/contract.ts';
import type { RefreshOutcome } from '../../../node/tokens/contract.ts';
import { RefreshClient } from '../../../node/tokens/refresh-client.ts';
import { startIssuer, type Issuer, type IssuerBehaviour } from '../../upstream/oauth-issuer.ts';

let issuer: Issuer;

beforeEach(async () => {
  issuer = await startIssuer({ lifetimeSeconds: 1200 });
});
afterEach(() => issuer.close());

const client = new RefreshClient(loneExchange({ connectTimeoutMs: 2_000, answerTimeoutMs: 5_000 }), systemClock);

function loginAt(more: Partial<TokenLogin> = {}): TokenLogin {
  const issued = issuer.login('one');
  return {
    refreshToken: new Secret(issued.refresh_token),
    url: issued.token_url,
    encoding: 'json',
    naming: 'camel',
    fields: {
      grant_type: 'refresh_token',
      client_id: issued.client_id,
      client_secret: new Secret(issued.client_secret),
    },
    lifetimeMs: 3_600_000,
    ...more,
  };
}

function refresh(login: TokenLogin, mayWrite = () => true): Promise<RefreshOutcome> {
  return client.refresh(login, login.refreshToken, mayWrite);
}

describe('a refresh', () => {
  test.each([
    ['json', 'camel'],
    ['form', 'snake'],
  ] as const)('in %s, %s, gives a token that the issuer knows', async (encoding, naming) => {
    const outcome = await refresh(loginAt({ encoding, naming }));
    if (outcome.kind !== 'renewed') throw outcome.fault;
    expect(issuer.isGood(outcome.token.access.reveal())).toBe(true);
    expect(outcome.token.refresh?.reveal()).toMatch(/^rt-one-1-/);
    expect(outcome.token.lifetimeMs).toBe(1_200_000);
  });

  test('keeps the old refresh token where the answer has none, and takes the default lifetime', async () => {
    issuer.next(['omit-refresh', 'omit-lifetime']);
    const login = loginAt();
    expect(await refresh(login)).toMatchObject({ kind: 'renewed', token: { refresh: undefined } });
    expect(await refresh(login)).toMatchObject({ kind: 'renewed', token: { lifetimeMs: 3_600_000 } });
    expect(issuer.reuses).toEqual([]);
  });

  test('that may not be written any more when the connection stands sends nothing', async () => {
    expect(await refresh(loginAt(), () => false)).toMatchObject({
      kind: 'later',
      maybeSpent: false,
      fault: { code: 'token_refresh_pending' },
    });
    expect(issuer.requests).toBe(0);
  });

  test('asks in the tick of the writing, not before the connection stands', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    await new Promise<void>((done) => closed.close(() => done()));
    let isAsked = false;
    const outcome = await refresh(loginAt({ url: `http://127.0.0.1:${port}/token` }), () => (isAsked = true));
    expect([outcome, isAsked]).toMatchObject([
      { kind: 'later', maybeSpent: false, fault: { code: 'token_service_failed' } },
      false,
    ]);
  });

  test('is not sent to a metadata address', async () => {
    const outcome = await refresh(loginAt({ url: 'http://169.254.169.254/token' }));
    expect(outcome).toMatchObject({ kind: 'later', maybeSpent: false, fault: { code: 'token_service_failed' } });
  });
});

const later = { kind: 'later', maybeSpent: false };
const answers: [IssuerBehaviour, object][] = [
  ['500', { kind: 'later', maybeSpent: true, fault: { code: 'token_service_failed', upstreamStatus: 500 } }],
  ['503', { kind: 'later', maybeSpent: true, fault: { code: 'token_service_failed' } }],
  ['502-after-spending', { kind: 'later', maybeSpent: true, fault: { code: 'token_service_failed' } }],
  ['429', { ...later, fault: { code: 'token_service_busy', retryAfterMs: 1_000 } }],
  ['slow_down', { ...later, fault: { code: 'token_service_busy', retryAfterMs: 5_000 } }],
  ['invalid_client', { kind: 'refused', error: 'invalid_client', fault: { code: 'token_needs_login' } }],
  ['invalid_request', { kind: 'refused', error: 'invalid_request', fault: { code: 'token_needs_login' } }],
  ['html', { kind: 'later', maybeSpent: true, fault: { code: 'token_answer_malformed' } }],
  ['malformed-after-spending', { kind: 'later', maybeSpent: true, fault: { code: 'token_answer_malformed' } }],
  ['redirect', { ...later, fault: { code: 'token_answer_malformed' } }],
  ['drop-before-spending', { kind: 'unknown', fault: { code: 'token_outcome_unknown' } }],
  ['drop-after-spending', { kind: 'unknown', fault: { code: 'token_outcome_unknown' } }],
  ['huge-after-spending', { kind: 'unknown', fault: { code: 'token_outcome_unknown' } }],
];

describe('an answer', () => {
  test.each(answers)(
    '%s is understood, one request was made, and no token is repeated',
    async (behaviour, expected) => {
      issuer.next(behaviour);
      const outcome = await refresh(loginAt());
      expect(outcome).toMatchObject(expected);
      expect(issuer.requests).toBe(1);
      const text = JSON.stringify(outcome) + ('fault' in outcome ? String(outcome.fault.stack) : '');
      for (const secret of issuer.secrets()) expect(text).not.toContain(secret);
    },
  );

  test('to a spent token is the end of the login', async () => {
    const login = loginAt();
    await refresh(login);
    expect(await refresh(login)).toMatchObject({ kind: 'refused', error: 'invalid_grant' });
    expect(issuer.reuses).toHaveLength(1);
  });

  test('401 without a word is final where the provider says so', async () => {
    issuer.next('invalid_client');
    expect(await refresh(loginAt({ finalStatuses: [401] }))).toMatchObject({ kind: 'refused' });
  });

  test('of any bytes and status gives an outcome and never throws, and shows nothing of the body', async () => {
    const words = fc.constantFrom(
      'access_token',
      'accessToken',
      'expires_in',
      'expiresIn',
      'error',
      'refreshToken',
      'x',
    );
    const json = fc.dictionary(words, fc.jsonValue()).map((value) => JSON.stringify(value));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(json, fc.string(), fc.string({ unit: 'binary' })),
        fc.integer({ min: 200, max: 599 }),
        async (text, status) => {
          const body = Buffer.from(text);
          const send = () => Promise.resolve({ kind: 'answered' as const, status, headers: {}, body });
          const outcome = await new RefreshClient(send, systemClock).refresh(loginAt(), new Secret('rt'), () => true);
          if (outcome.kind !== 'renewed') return outcome.fault.code.startsWith('token_');
          const { access, lifetimeMs } = outcome.token;
          return /^[\x21-\x7e]+$/.test(access.reveal()) && lifetimeMs >= 1_000 && Number.isFinite(lifetimeMs);
        },
      ),
    );
  });

  test.each([
    [{ expires_in: 60 }, 60_000],
    [{ expiresIn: '60' }, 60_000],
    [{ expires_at: '2030-01-01T00:01:00Z' }, 60_000],
    [{ expiresAt: 1_893_456_060 }, 60_000],
    [{ expiry_date: 1_893_456_060_000 }, 60_000],
    [{ expires_in: 0 }, 3_600_000],
    [{ expires_in: -5 }, 3_600_000],
    [{ expires_in: 'soon' }, 3_600_000],
    [{ expires_in: 1e300 }, 365 * 86_400_000],
  ])('with %j lives %i ms', async (fields, lifetimeMs) => {
    const clock = { ...systemClock, nowMs: () => Date.parse('2030-01-01T00:00:00Z') };
    const body = Buffer.from(JSON.stringify({ access_token: 'at', ...fields }));
    const send = () => Promise.resolve({ kind: 'answered' as const, status: 200, headers: {}, body });
    const outcome = await new RefreshClient(send, clock).refresh(loginAt(), new Secret('rt'), () => true);
    expect(outcome).toMatchObject({ kind: 'renewed', token: { lifetimeMs } });
  });

  test('keeps what the provider wants kept, and nothing else', async () => {
    const body = Buffer.from('{"access_token":"at","resource_url":"portal.qwen.ai","profileArn":"arn:x","scope":"s"}');
    const send = () => Promise.resolve({ kind: 'answered' as const, status: 200, headers: {}, body });
    const login = loginAt({ keeps: ['resource_url', 'profile_arn', 'absent'] });
    const outcome = await new RefreshClient(send, systemClock).refresh(login, new Secret('rt'), () => true);
    expect(outcome).toMatchObject({ token: { extras: { resource_url: 'portal.qwen.ai', profile_arn: 'arn:x' } } });
  });
});
