import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { amazonqCredential } from '../../../../node/providers/amazonq/credential.ts';
import { amazonqInteractiveLogin } from '../../../../node/providers/amazonq/interactive-login.ts';
import type { InteractiveLogin, LoginChoice, LoginOutcome } from '../../../../node/providers/contract.ts';
import { geminiInteractiveLogin } from '../../../../node/providers/gemini-cli/interactive-login.ts';
import { readCredentials as readGemini } from '../../../../node/providers/gemini-cli/login.ts';
import { kiroInteractiveLogin } from '../../../../node/providers/kiro-api/interactive-login.ts';
import { kiroCredential } from '../../../../node/providers/kiro-api/credential.ts';
import { kiroLogin } from '../../../../node/providers/kiro-api/login.ts';
import { readCredentials as readQwen } from '../../../../node/providers/qwen-api/credentials-file.ts';
import { qwenInteractiveLogin } from '../../../../node/providers/qwen-api/interactive-login.ts';
import { awsOidc } from '../../../upstream/login/aws-oidc.ts';
import { googleBrowser, googleOauth } from '../../../upstream/login/google-oauth.ts';
import { kiroAuth, kiroBrowser } from '../../../upstream/login/kiro-auth.ts';
import { type LoginProtocol, type LoginService, startLoginService } from '../../../upstream/login/login-service.ts';
import { qwenOauth } from '../../../upstream/login/qwen-oauth.ts';
import { TestDesk } from './test-desk.ts';

let service: LoginService;
let desk: TestDesk;

beforeEach(() => {
  desk = new TestDesk();
});
afterEach(async () => {
  await service.close();
  expect(service.complaints).toEqual([]);
});

function run(login: InteractiveLogin, choice: LoginChoice): Promise<LoginOutcome> {
  return login.run({ authUrl: service.url, ...choice }, desk);
}

async function serve(protocol: LoginProtocol): Promise<void> {
  service = await startLoginService(protocol);
}

/** The person confirms while the nth poll is waited for. */
function confirmAtWait(count: number): void {
  desk.onWait = () => {
    if (desk.waits.length === count) service.confirm();
  };
}

/** What the account's login makes of the credentials, as if they stood in its file. */
function asKiroReads({ credentials }: LoginOutcome) {
  const files = {
    home: '/home/x',
    read: () => JSON.stringify(credentials),
    readIfThere: () => undefined,
    readKeyValues: () => new Map<string, string>(),
  };
  const account = { id: 'k1', provider: 'kiro-api' as const, ...kiroCredential.parse({ creds_file: 'k.json' }) };
  return kiroLogin(account as Parameters<typeof kiroLogin>[0], files);
}

const refreshTokenOf = ({ credentials }: LoginOutcome) => credentials['refreshToken'] ?? credentials['refresh_token'];

describe('a device login at AWS', () => {
  test('registers a client, shows the code, and waits for the person', async () => {
    await serve(awsOidc({ interval: 2 }));
    confirmAtWait(3);
    const outcome = await run(amazonqInteractiveLogin, { kind: 'builder-id' });
    expect(desk.codes).toEqual([
      {
        url: `${service.url}/device`,
        completeUrl: `${service.url}/device?user_code=WDJB-MJHT`,
        userCode: 'WDJB-MJHT',
        expiresInMs: 600_000,
      },
    ]);
    expect(desk.waits).toEqual([2_000, 2_000, 2_000]);
    expect(amazonqCredential.parse(outcome.credentials).token_url).toBe(`${service.url}/token`);
    expect(outcome.summary).toContain('2030-01-02');
    expect(service.secrets.filter((secret) => outcome.summary.includes(secret))).toEqual([]);
  });

  test('waits longer when it is told to, and goes on when a connection breaks', async () => {
    await serve(awsOidc());
    service.pending('slow_down');
    desk.onWait = () => {
      if (desk.waits.length === 2) service.breakOff(1);
      if (desk.waits.length === 4) service.confirm();
    };
    await run(amazonqInteractiveLogin, { kind: 'builder-id' });
    expect(desk.waits).toEqual([1_000, 6_000, 6_000, 6_000]);
  });

  test("logs in at an organisation's start page, in its region", async () => {
    await serve(awsOidc({ startUrl: 'https://acme.awsapps.com/start' }));
    service.confirm();
    const outcome = await run(kiroInteractiveLogin, {
      kind: 'idc',
      region: 'eu-central-1',
      startUrl: 'https://acme.awsapps.com/start',
    });
    expect(outcome.credentials).toMatchObject({ authMethod: 'IdC', provider: 'Enterprise', region: 'eu-central-1' });
    const login = asKiroReads(outcome);
    expect(login).toMatchObject({ url: `${service.url}/token`, fields: { client_id: 'cid-registered' } });
    expect(login?.issued?.expiresAtMs).toBe(desk.clock.nowMs() + 3_600_000);
  });

  test('uses a client that was given', async () => {
    await serve(awsOidc({ client: { id: 'mine', secret: 'of-mine' } }));
    service.confirm();
    await run(amazonqInteractiveLogin, { kind: 'builder-id', clientId: 'mine', clientSecret: 'of-mine' });
    expect(service.requests.map(({ path }) => path)).toEqual(['/device_authorization', '/token']);
  });

  test.each([
    ['access_denied', 'denied in the browser'],
    ['expired_token', 'ran out'],
    ['InternalServerException', 'refused: InternalServerException'],
  ])('ends at %s', async (word, said) => {
    await serve(awsOidc());
    service.pending(word);
    await expect(run(kiroInteractiveLogin, { kind: 'builder-id' })).rejects.toMatchObject({
      code: 'login_failed',
      message: expect.stringContaining(said),
    });
  });

  test('ends when nobody confirms in time, and when the person gives up', async () => {
    await serve(awsOidc({ interval: 60 }));
    await expect(run(amazonqInteractiveLogin, { kind: 'builder-id' })).rejects.toMatchObject({
      code: 'login_failed',
    });
    expect(desk.waits).toHaveLength(10);
    desk.onWait = () => desk.giveUp();
    await expect(run(amazonqInteractiveLogin, { kind: 'builder-id' })).rejects.toThrow('given up');
  });

  test.each([
    [{ kind: 'idc' }, '--start-url'],
    [{ kind: 'builder-id', region: 'the moon' }, '--region'],
    [{ kind: 'builder-id', clientId: 'alone' }, 'client_secret'],
  ])('asks for what is missing before anything is sent: %o', async (choice, said) => {
    await serve(awsOidc());
    await expect(run(amazonqInteractiveLogin, choice)).rejects.toMatchObject({
      code: 'login_failed',
      message: expect.stringContaining(said),
    });
    expect(service.requests).toEqual([]);
  });
});

describe('a social login at Kiro', () => {
  test.each([
    ['google-device', 'Google'],
    ['github-device', 'Github'],
  ])('by a code: %s', async (kind, provider) => {
    await serve(kiroAuth());
    confirmAtWait(2);
    const outcome = await run(kiroInteractiveLogin, { kind });
    expect(desk.codes).toEqual([{ url: `${service.url}/device`, userCode: 'KIRO-CODE', expiresInMs: 300_000 }]);
    expect(desk.waits).toEqual([1_000, 1_000]);
    expect(outcome.credentials).toMatchObject({ authMethod: 'social', provider });
    const login = asKiroReads(outcome);
    expect(login).toMatchObject({ url: `${service.url}/refreshToken`, fields: {}, finalStatuses: [401] });
    expect(login?.issued?.extras?.['profile_arn']).toMatch(/^arn:/);
  });

  test.each(['expired', 'expired_token', 'denied'])('by a code ends at the status %s', async (word) => {
    await serve(kiroAuth());
    service.pending(word);
    await expect(run(kiroInteractiveLogin, { kind: 'google-device' })).rejects.toMatchObject({
      code: 'login_failed',
    });
  });

  test.each([
    ['google', 'Google'],
    ['github', 'Github'],
  ])('by the browser: %s', async (kind, provider) => {
    await serve(kiroAuth());
    desk.browse = (address) => kiroBrowser(service, address);
    const outcome = await run(kiroInteractiveLogin, { kind });
    expect(outcome.credentials).toMatchObject({ authMethod: 'social', provider });
    expect(service.secrets).toContain(refreshTokenOf(outcome));
  });

  test.each([
    ['of another login', (address: string) => `${address.slice(0, -3)}xyz`, 'another login'],
    ['without a code', (address: string) => address.replace('code=', 'kode='), 'without a code'],
    ['with an error', (address: string) => `${address}&error=access_denied`, 'denied'],
  ])('by the browser refuses an address %s', async (_what, changed, said) => {
    await serve(kiroAuth());
    desk.browse = (address) => changed(kiroBrowser(service, address));
    await expect(run(kiroInteractiveLogin, { kind: 'google' })).rejects.toMatchObject({
      code: 'login_failed',
      message: expect.stringContaining(said),
    });
  });
});

describe('the other logins', () => {
  test('Qwen by a code, as its file is read', async () => {
    await serve(qwenOauth());
    service.pending('slow_down');
    confirmAtWait(3);
    const outcome = await run(qwenInteractiveLogin, { kind: 'device' });
    expect(desk.waits).toEqual([2_000, 3_000, 3_000]);
    expect(outcome.account).toEqual({ token_url: `${service.url}/api/v1/oauth2/token` });
    expect(readQwen(JSON.stringify(outcome.credentials), 'q.json').issued).toMatchObject({
      expiresAtMs: desk.clock.nowMs() + 21_600_000,
      extras: { resource_url: 'portal.qwen.ai' },
    });
  });

  test('Google by the browser, as its file is read', async () => {
    await serve(googleOauth('public'));
    desk.browse = (address) => googleBrowser(service, address);
    const outcome = await run(geminiInteractiveLogin, { kind: 'google', clientSecret: 'public' });
    expect(outcome.account).toEqual({ client_secret: 'public', token_url: `${service.url}/token` });
    const read = readGemini(JSON.stringify(outcome.credentials), 'g.json');
    expect(service.secrets).toContain(read.refreshToken.reveal());
    expect(read.issued?.expiresAtMs).toBe(desk.clock.nowMs() + 3_599_000);
  });

  test('Google by the browser ends when the person says no', async () => {
    await serve(googleOauth('public'));
    desk.browse = (address) => googleBrowser(service, address, 'access_denied');
    await expect(run(geminiInteractiveLogin, { kind: 'google', clientSecret: 'public' })).rejects.toMatchObject({
      code: 'login_failed',
      message: expect.stringContaining('denied'),
    });
  });
});
