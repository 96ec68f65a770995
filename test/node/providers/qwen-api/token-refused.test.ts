import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TokenSource } from '../../../../node/providers/contract.ts';
import { qwenProvider } from '../../../../node/providers/qwen-api/index.ts';
import { type ForwardRig, startRig } from '../../forward/forward-rig.ts';
import { providerEnvironment } from '../../../suites/provider-environment.ts';
import { type QwenUpstream, startQwen } from '../../../upstream/qwen/upstream.ts';

/** A token that is renewed at the service itself, once for all who were refused. */
class RenewedToken implements TokenSource {
  isUsable = true;
  renewals = 0;
  readonly #service: QwenUpstream;
  #refreshToken: string;
  #access: string | undefined;
  #renewal: Promise<boolean> | undefined;

  constructor(service: QwenUpstream) {
    this.#service = service;
    this.#refreshToken = service.oauth.families.open('q');
    this.#spend();
  }

  current(): string | undefined {
    return this.#access;
  }

  extra(): undefined {
    return undefined;
  }

  refused(accessToken: string): Promise<boolean> {
    if (accessToken !== this.#access) return Promise.resolve(true);
    this.#renewal ??= Promise.resolve().then(() => {
      this.renewals++;
      this.#spend();
      this.#renewal = undefined;
      return true;
    });
    return this.#renewal;
  }

  #spend(): void {
    const pair = this.#service.oauth.families.spend(this.#refreshToken, 3_600_000, true);
    if (pair === undefined) throw new Error('the login has ended');
    this.#access = pair.accessToken;
    this.#refreshToken = pair.refreshToken;
  }
}

let service: QwenUpstream;
let rig: ForwardRig;
let token: RenewedToken;

beforeEach(async () => {
  service = await startQwen();
  rig = await startRig();
  token = new RenewedToken(service);
  const credential = qwenProvider.credential.parse(service.account('q', 'login'));
  rig.add('q', qwenProvider.open({ id: 'q', provider: 'qwen-api', ...credential }, providerEnvironment({ token })));
});

afterEach(async () => {
  await rig.stop();
  await service.close();
});

const chat = () => rig.chat({ model: 'qwen3-coder-plus' });

test('a token that has ended early is renewed once, and everybody is answered', async () => {
  expect((await chat()).status).toBe(200);
  service.oauth.families.expireAccess();
  const answers = await Promise.all([chat(), chat(), chat(), chat()]);
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
  expect(token.renewals).toBe(1);
  expect(service.oauth.families.reuses).toEqual([]);
  service.oauth.families.expireAccess();
  expect((await chat()).status).toBe(200);
  expect(token.renewals).toBe(2);
});

test('a login whose new token is refused too is disabled, with the reason, and not asked again', async () => {
  service.isFreeTierOver = true;
  const answer = await chat();
  expect(answer.status).toBe(502);
  expect(await answer.text()).toContain('free tier ended');
  expect([token.renewals, service.totals.requests]).toEqual([1, 2]);
  expect(rig.accounts.get('q')?.enabled).toBe(false);
  await chat();
  expect(service.totals.requests).toBe(2);
});

test('many requests of a login whose free tier is over end it with one renewal', async () => {
  service.isFreeTierOver = true;
  const answers = await Promise.all([chat(), chat(), chat()]);
  expect(answers.map((answer) => answer.status)).toEqual([502, 502, 502]);
  expect(token.renewals).toBe(1);
  expect(rig.accounts.get('q')?.enabled).toBe(false);
});
