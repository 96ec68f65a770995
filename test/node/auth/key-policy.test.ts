import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyFields } from '../../../node/auth/contract.ts';
import { keyPolicy } from '../../../node/auth/key-policy.ts';
import { authMesh, dayMs, root } from './auth-mesh.ts';

function policyOf(fields: Partial<KeyFields>) {
  return keyPolicy('key_1', { name: 'k', ...fields });
}

describe('a key', () => {
  it('without restrictions has no policy, so that the hot path asks once', () => {
    expect(
      policyOf({ role: 'admin', user: 'usr_1', sharesCache: true, expiresAtMs: 1, isEnabled: true }),
    ).toBeUndefined();
  });

  it.each([
    ['gpt-4o', true],
    ['gpt-4o-mini', false],
    ['GPT-4O', false],
    ['claude-opus-4', true],
    ['claude-', true],
    ['xclaude-', false],
    ['', false],
  ])('may ask for models by name or beginning: %s %s', (model, isAllowed) => {
    expect(policyOf({ models: ['gpt-4o', 'claude-*'] })?.allowsModel(model)).toBe(isAllowed);
  });

  it('may ask for the models that begin so, and for no others', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string({ minLength: 1 }), (beginning, rest, other) => {
        const policy = policyOf({ models: [`m${beginning.replaceAll('*', '')}*`] });
        expect(policy?.allowsModel(`m${beginning.replaceAll('*', '')}${rest}`)).toBe(true);
        expect(policy?.allowsModel(`n${other}`)).toBe(false);
      }),
    );
  });

  it.each([
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['11.1.2.3', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['2001:db8::1', true],
    ['2001:db9::1', false],
    ['172.16.0.1', true],
    ['', false],
    ['localhost', false],
    ['10.1.2.3, 8.8.8.8', false],
  ])('may be used from its networks only: %s %s', (address, isAllowed) => {
    const policy = policyOf({ networks: ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::ffff:172.16.0.0/108'] });
    expect(policy?.allowsAddress(address)).toBe(isAllowed);
    expect(policy?.allowsAddress(address)).toBe(isAllowed);
  });

  it('answers for more addresses than it remembers', () => {
    const policy = policyOf({ networks: ['10.0.0.0/16'] });
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.nat(255), (b, c, d) => {
        expect(policy?.allowsAddress(`10.${b}.${c}.${d}`)).toBe(b === 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('has accounts, providers and a strategy of its own, under a name that is theirs', () => {
    const policy = policyOf({ accounts: ['work'], providers: ['openai-custom'], strategy: 'random' });
    expect(policy?.scope).toEqual({
      key: expect.stringMatching(/^[\w-]{43}$/),
      accounts: new Set(['work']),
      providers: new Set(['openai-custom']),
      strategy: 'random',
    });
    expect(policy?.providers).toEqual(new Set(['openai-custom']));
    expect(policyOf({ models: ['x'] })?.scope).toBeUndefined();
    const nameOf = (fields: Partial<KeyFields>) => policyOf(fields)?.scope?.key;
    const names = [
      nameOf({ accounts: ['a', 'b'] }),
      nameOf({ accounts: ['a,b'] }),
      nameOf({ providers: ['a', 'b'] }),
      nameOf({ accounts: ['a', 'b'], strategy: 'random' }),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(nameOf({ accounts: ['b', 'a', 'b'], models: ['x'], requestsPerMinute: 3 })).toBe(names[0]);
  });

  it('counts costs in whole nano-units', () => {
    expect(policyOf({ dailyCostBudget: 12.5, monthlyCostBudget: 0.1 })?.limits).toMatchObject({
      id: 'key_1',
      dailyCostBudget: 12_500_000_000,
      monthlyCostBudget: 100_000_000,
      requestsPerMinute: undefined,
    });
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 9_000_000, noNaN: true }), (cost) => {
        expect(Number.isSafeInteger(policyOf({ dailyCostBudget: cost })?.limits?.dailyCostBudget)).toBe(true);
      }),
    );
    expect(policyOf({ promptDays: 2 })).toMatchObject({ limits: undefined, promptKeepMs: 2 * dayMs });
  });
});

describe('fields of a key are refused by name:', () => {
  const bad: [string, Record<string, unknown>, string, string][] = [
    ['no name', { name: '' }, 'bad_key_field', 'name'],
    ['a name that ends a line', { name: 'a\nb' }, 'bad_key_field', 'name'],
    ['a name that is no text', { name: 7 }, 'bad_key_field', 'name'],
    ['no models at all', { models: [] }, 'bad_key_field', 'models'],
    ['a * in the middle', { models: ['ok', 'a*b'] }, 'bad_key_field', 'models[1]'],
    ['two stars', { models: ['**'] }, 'bad_key_field', 'models[0]'],
    ['a network that is none', { networks: ['10.0.0.0/33'] }, 'bad_key_field', 'networks[0]'],
    ['a network with a host name', { networks: ['localhost'] }, 'bad_key_field', 'networks[0]'],
    ['a network in an old notation', { networks: ['0x0a.1'] }, 'bad_key_field', 'networks[0]'],
    ['an account that there is not', { accounts: ['work', 'none'] }, 'unknown_account', 'accounts'],
    ['a provider that there is not', { providers: ['none'] }, 'unknown_provider', 'providers'],
    ['a user that there is not', { user: 'usr_none' }, 'user_not_found', 'user_id'],
    ['a role that there is not', { role: 'none' }, 'role_not_found', 'role'],
    ['an end in the past', { expiresAtMs: 1 }, 'bad_key_field', 'expires_at'],
    ['an end that is no time', { expiresAtMs: Number.NaN }, 'bad_key_field', 'expires_at'],
    ['a limit of 0', { requestsPerMinute: 0 }, 'bad_key_field', 'requests_per_minute'],
    ['a limit below 0', { tokensPerMinute: -1 }, 'bad_key_field', 'tokens_per_minute'],
    ['half a request', { concurrentRequests: 1.5 }, 'bad_key_field', 'concurrent_requests'],
    ['an endless budget', { dailyTokenBudget: Number.POSITIVE_INFINITY }, 'bad_key_field', 'daily_token_budget'],
    ['a cost beyond counting', { monthlyCostBudget: 1e12 }, 'bad_key_field', 'monthly_cost_budget'],
    ['a cost that is text', { dailyCostBudget: '1' }, 'bad_key_field', 'daily_cost_budget'],
    ['neither true nor false', { isEnabled: 'no' }, 'bad_key_field', 'enabled'],
    ['days for ever', { promptDays: 1e9 }, 'bad_key_field', 'store_prompts_days'],
    [
      'more than a record holds',
      { models: Array.from({ length: 400 }, (_, at) => `${at}${'m'.repeat(200)}`) },
      'bad_key_field',
      '',
    ],
  ];

  it.each(bad)('%s', async (_what, fields, code, field) => {
    const { all, n1 } = authMesh(1);
    const { key } = await all.done(n1.keys.create({ name: 'k' }, root));
    for (const call of [
      () => n1.keys.create({ name: 'k', ...fields } as KeyFields, root),
      () => n1.keys.change(key.id, fields, root),
    ]) {
      const error = await all.done(
        call().then(
          () => undefined,
          (reason: Error) => reason,
        ),
      );
      expect(error).toMatchObject({ code, ...(field === '' ? {} : { field }) });
      expect(error?.message).toContain(field.replace(/\[.*/, ''));
    }
    expect(n1.directory.keys.table.size).toBe(1);
    expect(n1.keys.get(key.id).name).toBe('k');
  });

  it('what has an end of another room is asked there', async () => {
    const { all, n1 } = authMesh(1);
    await expect(all.done(n1.keys.create({ name: 'k', strategy: 'none' }, root))).rejects.toThrow('unknown strategy');
  });
});

describe('a change of a key', () => {
  it('takes what is given, and null takes a field away', async () => {
    const { all, n1, n2 } = authMesh(2);
    const fields = { name: 'k', models: ['gpt-*'], requestsPerMinute: 10, strategy: 'random', accounts: ['work'] };
    const { key, secret } = await all.done(n1.keys.create(fields, root));
    const before = n2.verifier.verify(secret)?.policy;
    const changed = await all.done(n1.keys.change(key.id, { models: null, requestsPerMinute: 20, name: 'l' }, root));
    expect(changed).toMatchObject({
      id: key.id,
      name: 'l',
      requestsPerMinute: 20,
      prefix: key.prefix,
      strategy: 'random',
    });
    expect(changed.models).toBeUndefined();
    for (const node of [n1, n2]) {
      const policy = node.verifier.verify(secret)?.policy;
      expect(policy?.allowsModel('anything')).toBe(true);
      expect(policy?.limits?.requestsPerMinute).toBe(20);
      expect(policy?.scope?.key).toBe(before?.scope?.key);
    }
  });

  it('leaves extra fields out, and what only the node writes as it is', async () => {
    const { all, n1 } = authMesh(1);
    const { key, secret } = await all.done(n1.keys.create({ name: 'k' }, root));
    const hostile = {
      name: 'l',
      digest: 'A'.repeat(43),
      prefix: 'aip_hacked',
      createdAtMs: 1,
      id: 'key_other',
      more: 1,
    };
    const changed = await all.done(n1.keys.change(key.id, hostile, root));
    expect(changed).toMatchObject({ id: key.id, prefix: key.prefix, createdAtMs: key.createdAtMs });
    expect(changed).not.toHaveProperty('more');
    expect(n1.verifier.verify(secret)?.id).toBe(key.id);
  });

  it('may be made though an account, its role or its end are gone by now', async () => {
    const { all, n1 } = authMesh(1);
    const endMs = all.mesh.clock.nowMs() + 60_000;
    const { key, secret } = await all.done(n1.keys.create({ name: 'k', expiresAtMs: endMs }, root));
    expect(n1.verifier.verify(secret)).toBeDefined();
    all.mesh.clock.jumpWall(60_000);
    expect(n1.verifier.verify(secret)).toBeUndefined();
    expect((await all.done(n1.keys.change(key.id, { name: 'l' }, root))).name).toBe('l');
    await all.done(n1.keys.change(key.id, { expiresAtMs: null }, root));
    expect(n1.verifier.verify(secret)).toBeDefined();
  });

  it('disables and enables it with the next request', async () => {
    const { all, n1, n2 } = authMesh(2);
    const { key, secret } = await all.done(n1.keys.create({ name: 'k' }, root));
    expect(n2.verifier.verify(secret)).toBeDefined();
    await all.done(n1.keys.change(key.id, { isEnabled: false }, root));
    expect(n2.verifier.verify(secret)).toBeUndefined();
    await all.done(n1.keys.change(key.id, { isEnabled: true }, root));
    expect(n2.verifier.verify(secret)).toBeDefined();
  });
});

describe('the cache of answers', () => {
  it('is shared by keys of one user, by keys that say so, and by no others', async () => {
    const { all, n1 } = authMesh(1);
    const tenantOf = async (fields: Partial<KeyFields>) => {
      const { secret } = await all.done(n1.keys.create({ name: 'k', ...fields }, root));
      return n1.verifier.verify(secret)?.tenant;
    };
    const user = { username: 'ann', password: 'correct horse battery', role: 'user' };
    const ann = await all.done(n1.users.create(user, root));
    const bea = await all.done(n1.users.create({ ...user, username: 'bea' }, root));
    const tenants = [
      await tenantOf({ user: ann.id }),
      await tenantOf({ user: ann.id }),
      await tenantOf({ user: bea.id }),
      await tenantOf({}),
      await tenantOf({}),
      await tenantOf({ sharesCache: true }),
      await tenantOf({ sharesCache: true, user: bea.id }),
    ];
    expect(tenants[0]).toBe(tenants[1]);
    expect(tenants[5]).toBe(tenants[6]);
    expect(new Set(tenants).size).toBe(5);
  });
});

describe('the last use', () => {
  it('is noted by the member that served, and outlives a change', async () => {
    const { all, n1, n2 } = authMesh(2);
    const { key, secret } = await all.done(n1.keys.create({ name: 'k' }, root));
    n1.verifier.verify(secret);
    all.mesh.advance(1_000);
    const usedAtMs = all.mesh.clock.nowMs();
    n1.verifier.verify(secret);
    await all.done(n1.keys.change(key.id, { name: 'l' }, root));
    expect(n1.keys.get(key.id).lastUsedAtMs).toBe(usedAtMs);
    expect(n2.keys.get(key.id).lastUsedAtMs).toBeUndefined();
  });
});

describe('a record that no member of ours writes', () => {
  const fine = { name: 'k', digest: 'A'.repeat(43), prefix: 'aip_12345678', created_at_ms: 1 };
  it.each([
    ['no object', 'text'],
    ['null', null],
    ['a list', [fine]],
    ['no digest', { ...fine, digest: undefined }],
    ['a digest of another length', { ...fine, digest: 'A'.repeat(44) }],
    ['an empty list of models', { ...fine, models: [] }],
    ['a network that is none', { ...fine, networks: ['everywhere'] }],
    ['a role that is no text', { ...fine, role: { admin: true } }],
  ])('%s lets nobody in and takes nothing down', async (_what, payload) => {
    const { all, n1, n2 } = authMesh(2);
    const { secret } = await all.done(n1.keys.create({ name: 'k' }, root));
    n1.node.records.put('keys', 'key_bad', payload);
    all.mesh.advance(100);
    expect(n2.directory.keys.table.size).toBe(1);
    expect(n2.verifier.verify(secret)).toBeDefined();
    expect(n2.lines.filter(({ message }) => message.includes('cannot be read'))).toHaveLength(1);
  });

  it('with the digest of another key does not take it over', async () => {
    const { all, n1, n2 } = authMesh(2);
    const { key, secret } = await all.done(n1.keys.create({ name: 'k' }, root));
    const { digest } = n1.directory.keys.get(key.id)!.record;
    n1.node.records.put('keys', 'key_thief', { ...fine, digest, role: 'admin' });
    all.mesh.advance(100);
    for (const { verifier } of [n1, n2]) expect(verifier.verify(secret)?.id).toBe(key.id);
  });
});
