import { expect } from 'vitest';
import { ask, question } from '../asks.ts';
import { type AccountView, accountIds } from '../running-subject.ts';
import type { Case, Scene } from '../scene.ts';

/** Longest wait that a node tells of by itself, seconds. */
const waitSecondsMax = 60;

export const rateLimit: Case = {
  id: '429',
  title: '429',
  meaning:
    "Another account serves while the first rests; where there is none, the client gets 429 with the time in its dialect's form.",
  async run(scene) {
    scene.upstream.script('429=7', { times: 1 });
    const heard = await scene.ask(ask(scene.subject.pairModel));
    expect(heard.text).toBe(question);
    expect(scene.calls.map(({ status }) => status >= 400)).toEqual([true, false]);
    expect((await views(scene)).filter(isResting)).toHaveLength(1);
    await scene.running.reset();
    scene.upstream.script('429=7');
    const { failure } = await scene.attempt(ask(scene.model));
    expect(failure).toMatchObject({ status: 429, kind: scene.speaker.rateLimitKind });
    expect(failure?.retryAfterSeconds).toBeGreaterThan(0);
    expect(failure?.retryAfterSeconds).toBeLessThanOrEqual(waitSecondsMax);
  },
};

export const expiredToken: Case = {
  id: 'expired-token',
  title: 'expired token',
  meaning: 'One refresh, and the request is served; the client sees no 401.',
  async run(scene) {
    if (!scene.can('expired tokens')) return scene.notApplicable();
    const { standIn } = scene.running;
    await scene.ask(ask(scene.model));
    scene.running.ageTokens();
    standIn.expireTokens?.();
    scene.upstream.clear();
    const before = standIn.renewed?.() ?? 0;
    for (const isStream of [false, true]) {
      const heard = await scene.ask(ask(scene.model), isStream);
      expect(heard.text).toBe(question);
    }
    expect(standIn.renewed?.()).toBe(before + 1);
    expect(scene.calls.map(({ status }) => status >= 400)).toEqual([true, false, false]);
    const [refused, served] = scene.calls;
    expect(refused?.headers['authorization']).not.toBe(served?.headers['authorization']);
  },
};

export const suspendedAccount: Case = {
  id: 'suspended-account',
  title: 'suspended account',
  meaning: 'The second account serves; the first is disabled, with the reason in `GET /accounts/{id}`.',
  async run(scene) {
    if (!scene.can('suspended accounts')) return scene.notApplicable();
    scene.upstream.script('suspended', { times: 1 });
    const heard = await scene.ask(ask(scene.subject.pairModel));
    expect(heard.text).toBe(question);
    const all = await views(scene);
    const disabled = all.filter(({ enabled, unavailable_reason: reason }) => !enabled || reason !== null);
    expect(disabled).toHaveLength(1);
    expect(disabled[0]?.unavailable_reason).toMatch(/suspended|deactivated|disabled|locked|closed/i);
  },
};

function views(scene: Scene): Promise<AccountView[]> {
  return Promise.all(accountIds.map((id) => scene.running.account(id)));
}

function isResting({ rests_until: whole, model_breakers: models }: AccountView): boolean {
  return whole !== null || models.some(({ rests_until: until }) => until !== null);
}
