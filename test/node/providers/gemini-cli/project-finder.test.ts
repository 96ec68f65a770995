import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../kit/json.ts';
import { CodeAssistCall, withToken } from '../../../../node/providers/gemini-cli/code-assist-call.ts';
import { geminiProvider } from '../../../../node/providers/gemini-cli/index.ts';
import { ProjectFinder } from '../../../../node/providers/gemini-cli/project-finder.ts';
import { ManualClock } from '../../../manual-clock.ts';
import { notesInMemory, providerEnvironment } from '../../../suites/provider-environment.ts';
import type { Discovery } from '../../../upstream/gemini/state.ts';
import { type GeminiUpstream, startGemini } from '../../../upstream/gemini/upstream.ts';

/** A clock on which every sleep is over at once. */
class HastyClock extends ManualClock {
  override sleep(delayMs: number): Promise<void> {
    this.advance(delayMs);
    return Promise.resolve();
  }
}

describe('the project of a login', () => {
  let service: GeminiUpstream;
  beforeAll(async () => void (service = await startGemini()));
  beforeEach(() => {
    service.clear();
    service.onboardings.length = 0;
  });
  afterAll(() => service.close());

  const finder = (project: string | undefined, discovery: Discovery, notes = notesInMemory()) => {
    service.discovery = discovery;
    const clock = new HastyClock();
    const { refresh_token, client_secret } = service.account('a', 'login');
    const credential = geminiProvider.credential.parse({ refresh_token, client_secret, base_url: service.url, project });
    const found = new ProjectFinder(project, new CodeAssistCall(credential), providerEnvironment({ clock, notes }));
    const tokens = { current: 'sk-upstream-1' };
    return { clock, notes, tokens, finder: found, find: () => found.find((request) => withToken(request, tokens.current)) };
  }; // prettier-ignore
  const asked = (method: string) => service.totals.byPath[`/v1internal:${method}`] ?? 0;

  it.each<[string, string | undefined, Discovery, string]>([
    ['what the current tier says', undefined, { kind: 'current', project: 'found-proj' }, 'found-proj'],
    ['an object with an id', undefined, { kind: 'current', project: { id: 'found-proj' } }, 'found-proj'],
    ['what the tier says before what is configured', 'my-proj', { kind: 'current', project: 'other' }, 'other'],
    ['what is configured', 'my-proj', { kind: 'current' }, 'my-proj'],
    ['what onboarding gives', 'my-proj', { kind: 'onboard', polls: 0, project: 'made' }, 'made'],
    ['what is configured, after onboarding', 'my-proj', { kind: 'onboard', polls: 0 }, 'my-proj'],
    [
      'what the free tier makes',
      'my-proj',
      { kind: 'onboard', tier: 'free-tier', polls: 0, project: 'free-1' },
      'free-1',
    ],
    ['the legacy tier', 'my-proj', { kind: 'onboard', polls: 0, hasDefault: false }, 'my-proj'],
    ['the one inside a perimeter', 'my-proj', { kind: 'vpc-sc' }, 'my-proj'],
  ])('is %s', async (_, configured, discovery, project) => {
    const { find, notes, finder: found } = finder(configured, discovery);
    expect(await find()).toBe(project);
    expect(found.current).toBe(project);
    expect([...notes.all.values()]).toEqual([project]);
  });

  it('names no project where the free tier makes its own', async () => {
    await finder('my-proj', { kind: 'onboard', tier: 'free-tier', polls: 0, project: 'free-1' }).find();
    expect(service.onboardings).toHaveLength(1);
    expect(service.onboardings[0]).not.toHaveProperty('cloudaicompanionProject');
  });

  it('tells the service of no project where none is configured', async () => {
    await finder(undefined, { kind: 'current', project: 'p' }).find();
    const body = service.requests.at(-1)?.json as JsonObject;
    expect(body).toEqual({
      metadata: { ideType: 'IDE_UNSPECIFIED', platform: 'PLATFORM_UNSPECIFIED', pluginType: 'GEMINI' },
    });
  });

  it('waits for a long operation, with an end', async () => {
    const slow = finder('my-proj', { kind: 'onboard', polls: 3, project: 'made' });
    expect(await slow.find()).toBe('made');
    expect(slow.clock.monotonicMs()).toBe(15_000);
    expect(asked('onboardUser')).toBe(1);
    const endless = finder('my-proj', { kind: 'onboard', polls: 1000 });
    await expect(endless.find()).rejects.toMatchObject({ code: 'upstream_error' });
    expect(endless.clock.monotonicMs()).toBe(60_000);
  });

  it.each<[string, Discovery, object]>([
    [
      'a client that is served no more, in Google’s words',
      { kind: 'unsupported-client', message: 'This client is no longer supported.' },
      { code: 'upstream_not_entitled', message: 'This client is no longer supported.' },
    ],
    [
      'an ineligible person',
      { kind: 'ineligible', reasonCode: 'RESTRICTED_AGE', message: 'Too young.' },
      { code: 'upstream_not_entitled', message: 'Too young.' },
    ],
    [
      'a validation',
      { kind: 'validation', url: 'https://accounts.google.com/v' },
      { code: 'upstream_action_required', message: 'Verify your account to continue.; open https://accounts.google.com/v' },
    ],
    ['a tier without a project', { kind: 'current' }, { code: 'upstream_action_required' }],
    ['a perimeter without a project', { kind: 'vpc-sc' }, { code: 'upstream_unauthorised' }],
  ])('is refused for %s', async (_, discovery, fault) => {
    const { find, notes } = finder(undefined, discovery);
    await expect(find()).rejects.toMatchObject(fault);
    expect(notes.all.size).toBe(0);
  }); // prettier-ignore

  it('is onboarded to the legacy tier where the service names no tier at all', async () => {
    // Nothing but an empty object: neither tiers nor reasons.
    const { find } = finder('my-proj', { kind: 'nothing' });
    expect(await find()).toBe('my-proj');
    expect(service.onboardings[0]).toMatchObject({ tierId: 'legacy-tier', cloudaicompanionProject: 'my-proj' });
  });

  it('is asked for once by many requests', async () => {
    const { find } = finder(undefined, { kind: 'current', project: 'p' });
    expect(await Promise.all([find(), find(), find()])).toEqual(['p', 'p', 'p']);
    expect(asked('loadCodeAssist')).toBe(1);
  });

  it('is not asked for again for a while after a failure, and then again', async () => {
    const { find, clock } = finder(undefined, { kind: 'vpc-sc' });
    await expect(find()).rejects.toMatchObject({ code: 'upstream_unauthorised' });
    clock.advance(29_000);
    await expect(find()).rejects.toMatchObject({ code: 'upstream_unauthorised' });
    expect(asked('loadCodeAssist')).toBe(1);
    service.discovery = { kind: 'current', project: 'p' };
    clock.advance(1_000);
    expect(await find()).toBe('p');
  });

  it('is asked for at once with a new token after one was refused', async () => {
    const { find, tokens } = finder(undefined, { kind: 'current', project: 'p' });
    tokens.current = 'ended';
    await expect(find()).rejects.toMatchObject({ code: 'upstream_token_refused' });
    tokens.current = 'sk-upstream-1';
    expect(await find()).toBe('p');
  });

  it('is remembered, and forgotten once where the service refuses what an old note says', async () => {
    const notes = notesInMemory();
    await finder(undefined, { kind: 'current', project: 'p' }, notes).find();
    const { finder: later, find } = finder(undefined, { kind: 'current', project: 'q' }, notes);
    expect(later.current).toBe('p');
    expect(later.forget()).toBe(true);
    expect([later.current, notes.all.size]).toEqual([undefined, 0]);
    expect(await find()).toBe('q');
    expect(later.forget()).toBe(false);
    expect(later.current).toBe('q');
  });
});
