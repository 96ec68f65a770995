import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../kit/clock.ts';
import { seededRandom } from '../../../kit/random.ts';
import { amazonqProvider } from '../../../node/providers/amazonq/index.ts';
import type { InteractiveLogin, LoginChoice, LoginDesk, TokenLogin } from '../../../node/providers/contract.ts';
import { kiroProvider } from '../../../node/providers/kiro-api/index.ts';
import { plainFiles, providerEnvironment } from '../../suites/provider-environment.ts';
import { startAmazonq } from '../../upstream/amazonq/amazonq.ts';
import type { AssistantUpstream } from '../../upstream/codewhisperer/start.ts';
import { socialProfileArn } from '../../upstream/oauth-issuer.ts';

const startUrl = 'https://view.awsapps.com/start';
const organisationUrl = 'https://example.awsapps.com/start';

describe('a login on the command line', () => {
  let upstream: AssistantUpstream;
  beforeAll(async () => {
    upstream = await startAmazonq();
    upstream.logins.startUrls.add(organisationUrl);
  });
  afterAll(() => upstream.close());

  interface Person {
    /** What the person does once the code is on the screen, and then at each wait. */
    decide(userCode: string, waited: number): void;
  }
  const waits: number[] = [];

  function desk(person: Person): LoginDesk {
    let shown = '';
    waits.length = 0;
    return {
      clock: systemClock,
      random: seededRandom(1),
      signal: new AbortController().signal,
      ask: providerEnvironment().ask,
      showCode({ userCode, completeUrl }) {
        shown = userCode;
        expect(completeUrl).toContain(userCode);
      },
      async awaitRedirect({ address, redirectUri = '' }) {
        const answer = await fetch(address(redirectUri), { redirect: 'manual' });
        const ended = new URL(answer.headers.get('location') ?? '');
        return { redirectUri, parameters: ended.searchParams };
      },
      wait(ms) {
        waits.push(ms);
        person.decide(shown, waits.length);
        return Promise.resolve();
      },
    };
  }
  const confirming: Person = {
    decide: (code, waited) => (waited === 3 ? upstream.logins.decide(code, 'confirmed') : undefined),
  };
  const run = (login: InteractiveLogin | undefined, choice: Partial<LoginChoice>, person = confirming) =>
    login!.run({ kind: 'builder-id', authUrl: upstream.issuer.url, ...choice }, desk(person));

  /** The first refresh, sent as its description says. */
  async function refresh(login: TokenLogin | undefined) {
    const fields = { ...login!.fields, refresh_token: login!.refreshToken };
    const camel = Object.entries(fields).map(([name, value]) => [
      name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      typeof value === 'string' ? value : value.reveal(),
    ]);
    const response = await fetch(login!.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(Object.fromEntries(camel)),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  }

  it.each([{ kind: 'builder-id' }, { kind: 'idc', startUrl: organisationUrl }])(
    'makes an account of Amazon Q: %j',
    async (choice) => {
      const { credentials } = await run(amazonqProvider.interactiveLogin, choice);
      expect(waits).toEqual([1000, 1000, 1000]);
      const account = amazonqProvider.credential.parse(credentials);
      const { status, body } = await refresh(
        amazonqProvider.login?.({ id: 'q', provider: 'amazonq', ...account }, plainFiles()),
      );
      expect(status).toBe(200);
      expect(upstream.issuer.isGood(body['accessToken'] ?? '')).toBe(true);
    },
  );

  it.each([{ kind: 'builder-id' }, { kind: 'google' }, { kind: 'github' }])(
    'makes a file for Kiro: %j',
    async (choice) => {
      const { credentials } = await run(kiroProvider.interactiveLogin, choice);
      const files = { ...plainFiles(), read: () => JSON.stringify(credentials) };
      const account = kiroProvider.credential.parse({ creds_file: '/login.json' });
      const login = kiroProvider.login?.({ id: 'k', provider: 'kiro-api', ...account }, files);
      expect(upstream.issuer.isGood(login?.issued?.accessToken.reveal() ?? '')).toBe(true);
      const { status, body } = await refresh(login);
      expect(status).toBe(200);
      expect(body['profileArn']).toBe(choice.kind === 'builder-id' ? undefined : socialProfileArn);
    },
  );

  it('waits longer when it is told to', async () => {
    const decide = (code: string, waited: number) => upstream.logins.decide(code, waited === 1 ? 'slow' : 'confirmed');
    await run(amazonqProvider.interactiveLogin, {}, { decide });
    expect(waits).toEqual([1000, 6000]);
  });

  it.each([
    ['denied', 'denied in the browser'],
    ['expired', 'ran out'],
  ] as const)('ends when it is %s', async (decision, says) => {
    const decide = (code: string) => upstream.logins.decide(code, decision);
    await expect(run(kiroProvider.interactiveLogin, {}, { decide })).rejects.toThrow(says);
  });

  it.each<[string, Partial<LoginChoice>, string]>([
    ['a client that nobody knows', { clientId: 'cid', clientSecret: 'other' }, 'does not know this client'],
    ['a start page that nobody knows', { kind: 'idc', startUrl: `${startUrl}/other` }, 'invalid_request'],
  ])('says that the service refuses %s', async (_name, choice, says) => {
    await expect(run(amazonqProvider.interactiveLogin, choice)).rejects.toThrow(says);
  });
});
