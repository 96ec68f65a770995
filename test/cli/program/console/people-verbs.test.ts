import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { consoleRig, type ConsoleRig } from './console-rig.ts';

let rig: ConsoleRig;
beforeEach(async () => {
  rig = await consoleRig();
});
afterEach(() => rig.stop());

const password = 'correct horse 9';

async function addUser(name: string, role = 'user'): Promise<void> {
  expect((await rig.run(['users', 'add', name, '--role', role], [password, password])).code).toBe(0);
}

const usersOf = async () => (await rig.json(['users', 'list']))['users'] as Record<string, unknown>[];
const keysOf = async () => (await rig.json(['keys', 'list']))['keys'] as Record<string, unknown>[];

describe('users', () => {
  it('are added with a password that is asked for twice and never shown', async () => {
    const ran = await rig.run(['users', 'add', 'ann', '--role', 'viewer'], [password, password]);
    expect(ran).toMatchObject({ code: 0, out: 'ann is added as user0001, with the role viewer\n', err: '' });
    expect(ran.questions).toEqual(['Password: ', 'Password once more: ']);
    expect((await rig.node.send('POST', '/auth/login', { username: 'ann', password }, '')).status).toBe(200);
    const { out } = await rig.run(['users', 'list']);
    expect(out).toMatch(/^ID +NAME +ROLE +STATE +SINCE\nuser0001 +ann +viewer +enabled +20\d\d-.*Z\n$/);
  });

  it('are not added where the two differ, or where nobody can be asked', async () => {
    expect(await rig.run(['users', 'add', 'ann'], [password, 'other'])).toMatchObject({
      code: 2,
      err: 'aiproxy: the two passwords are not the same\n',
    });
    expect(await rig.run(['users', 'add', 'ann'])).toMatchObject({
      code: 2,
      err: 'aiproxy: nobody can be asked for a password here; pipe it in with --password-stdin\n',
    });
    expect(await usersOf()).toEqual([]);
  });

  it('have no flag for a password', async () => {
    const { code, err } = await rig.run(['users', 'add', 'ann', '--password', 'hunter2'], [password, password]);
    expect(code).toBe(2);
    expect(err).toContain('--password');
    expect(err).not.toContain('hunter2');
    expect(await usersOf()).toEqual([]);
  });

  it('are changed and removed by name or id', async () => {
    await addUser('ann');
    await addUser('bob');
    expect(await rig.run(['users', 'set', 'ann', '--role', 'operator', '--disable'])).toMatchObject({
      code: 0,
      out: 'ann: role operator, disabled\n',
    });
    await rig.run(['users', 'set', 'user0001', '--enable', '--name', 'anna']);
    expect(await usersOf()).toMatchObject([{ username: 'anna', enabled: true, role: 'operator' }, {}]);
    await rig.run(['users', 'set', 'anna', '--new-password'], ['another horse 8', 'another horse 8']);
    const login = { username: 'anna', password: 'another horse 8' };
    expect((await rig.node.send('POST', '/auth/login', login, '')).status).toBe(200);
    expect((await rig.run(['users', 'remove', 'anna'])).out).toContain('removed');
    expect(await usersOf()).toMatchObject([{ username: 'bob' }]);
  });

  it.each([
    [['users', 'add'], 'NAME is missing: it comes first, before all flags'],
    [['users', 'set', 'ann'], 'nothing to set; aiproxy users set --help lists what can be'],
    [['users', 'set', 'nobody', '--disable'], '"nobody" is no user; aiproxy users list shows them'],
    [['users', 'set', 'ann', '--enable', '--disable'], '--enable, --disable: one of them at a time'],
    [['users', 'set', 'ann', '--role', 'a', '--role', 'b'], '--role: needs one value'],
    [['users', 'list', 'ann'], '"ann": nothing more is wanted here'],
  ])('say in one line what is wrong: %j', async (args, line) => {
    await addUser('ann');
    expect(await rig.run(args)).toMatchObject({ code: 2, out: '', err: `aiproxy: ${line}\n` });
  });

  it('hand on what the node refuses', async () => {
    await addUser('ann');
    const ran = await rig.run(['users', 'add', 'ann'], [password, password]);
    expect([ran.code, ran.err]).toEqual([1, `aiproxy: ${rig.node.url}/users: the name is taken\n`]);
  });
});

describe('keys', () => {
  it('are made with everything that they can be restricted to', async () => {
    await addUser('ann');
    const flags = {
      user: 'ann',
      role: 'viewer',
      expires: '30d',
      models: 'gpt-*, claude-sonnet',
      providers: 'openai-custom',
      networks: '10.0.0.0/8',
      accounts: 'work',
      strategy: 'random',
      'requests-per-minute': '60',
      'tokens-per-minute': '1000',
      'concurrent-requests': '4',
      'daily-token-budget': '10',
      'monthly-token-budget': '20',
      'daily-cost-budget': '2.5',
      'monthly-cost-budget': '50',
      'store-prompts-days': '7',
    };
    const given = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    const made = await rig.json(['keys', 'add', 'for tests', '--share-cache', ...given]);
    expect(made).toMatchObject({ name: 'for tests', key: expect.stringMatching(/^aip_/) });
    const [key] = await keysOf();
    expect(key).toMatchObject({
      user_id: 'user0001',
      role: 'viewer',
      models: ['gpt-*', 'claude-sonnet'],
      providers: ['openai-custom'],
      networks: ['10.0.0.0/8'],
      accounts: ['work'],
      strategy: 'random',
      requests_per_minute: 60,
      tokens_per_minute: 1000,
      concurrent_requests: 4,
      daily_token_budget: 10,
      monthly_token_budget: 20,
      daily_cost_budget: 2.5,
      monthly_cost_budget: 50,
      share_cache: true,
      store_prompts_days: 7,
    });
    const days = (Date.parse(String(key?.['expires_at'])) - Date.parse(String(key?.['created_at']))) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    const { out } = await rig.run(['keys', 'list', '--user', 'ann']);
    expect(out).toContain('models 2, providers 1, networks 1, accounts 1, 60 requests/min');
    expect(out).not.toContain(String(made['key']));
  });

  it('are changed, freed of restrictions, and revoked', async () => {
    const { id } = await rig.json(['keys', 'add', 'k', '--models', 'm', '--expires', '2199-01-01']);
    const { code, out } = await rig.run([
      'keys',
      'set',
      'k',
      '--unset',
      'models,expires',
      '--requests-per-minute',
      '5',
    ]);
    expect([code, out]).toEqual([0, expect.stringContaining('5 requests/min')]);
    expect(await keysOf()).toMatchObject([{ models: null, expires_at: null, requests_per_minute: 5 }]);
    await rig.run(['keys', 'set', String(id), '--name', 'other', '--disable']);
    expect(await keysOf()).toMatchObject([{ name: 'other', enabled: false }]);
    expect((await rig.run(['keys', 'revoke', 'other'])).out).toBe('other is revoked: every live member refuses it\n');
    expect(await keysOf()).toEqual([]);
  });

  it('that have expired are shown as such', async () => {
    const { id } = await rig.json(['keys', 'add', 'k', '--expires', '2199-01-01']);
    expect((await rig.run(['keys', 'list'])).out).toMatch(/ enabled +2199-01-01/);
    Object.assign(rig.node.people.keys.get(String(id)), { expiresAtMs: 1000 });
    expect((await rig.run(['keys', 'list'])).out).toMatch(/ expired +1970-01-01/);
  });

  it('are not guessed where two have the name', async () => {
    await rig.run(['keys', 'add', 'k']);
    await rig.run(['keys', 'add', 'k']);
    const { code, err } = await rig.run(['keys', 'revoke', 'k']);
    expect([code, err]).toEqual([2, 'aiproxy: 2 keys are named "k"; name one by its id\n']);
    expect(await keysOf()).toHaveLength(2);
  });

  it.each([
    [['keys', 'set', 'k', '--requests-per-minute', 'many'], '--requests-per-minute: must be one number'],
    [['keys', 'set', 'k', '--unset', 'name'], '--unset: "name" is not known; known: user, role, expires'],
    [['keys', 'set', 'k'], 'nothing to set'],
    [['keys', 'revoke', 'x'], '"x" is no key'],
  ])('say what is wrong, and change nothing: %j', async (args, line) => {
    await rig.run(['keys', 'add', 'k', '--requests-per-minute', '5']);
    const ran = await rig.run(args);
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining(`aiproxy: ${line}`)]);
    expect(await keysOf()).toMatchObject([{ requests_per_minute: 5 }]);
  });
});

describe('roles', () => {
  it('are made, listed and removed', async () => {
    const set = await rig.run(['roles', 'set', 'support', 'stats:read', 'traces:read,keys:read']);
    expect(set).toMatchObject({ code: 0, out: 'support may: stats:read traces:read keys:read\n' });
    const { out } = await rig.run(['roles', 'list']);
    expect(out).toMatch(/^support +no +stats:read traces:read keys:read$/m);
    expect(out).toMatch(/^viewer +yes +accounts:read/m);
    expect((await rig.run(['roles', 'remove', 'support'])).code).toBe(0);
    expect((await rig.run(['roles', 'remove', 'support'])).code).toBe(1);
    expect((await rig.run(['roles', 'set', 'support'])).err).toContain('PERMISSION… is missing');
  });
});

describe('text of others', () => {
  it('does not reach the terminal as it came', async () => {
    const { id } = await rig.json(['keys', 'add', 'k']);
    const kept = rig.node.people.keys.get(String(id));
    Object.assign(kept, { name: '\u001B]0;owned\u0007\u202Eevil' });
    const { out } = await rig.run(['keys', 'list']);
    expect(out).toContain(String.raw`\u001b]0;owned\u0007\u202eevil`);
    for (const character of ['\u001B', '\u0007', '\u202E']) expect(out).not.toContain(character);
  });
});
