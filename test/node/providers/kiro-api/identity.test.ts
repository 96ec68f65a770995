import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JsonObject } from '../../../../kit/json.ts';
import { Secret } from '../../../../kit/secret.ts';
import type { TokenLogin } from '../../../../node/providers/contract.ts';
import { kiroProvider } from '../../../../node/providers/kiro-api/index.ts';
import { readIdentity } from '../../../../node/providers/kiro-api/read-identity.ts';
import { plainFiles } from '../../../suites/provider-environment.ts';
import { faultOf } from '../requests.ts';
import { filesOf } from './files.ts';

const refresh = `aor${'A'.repeat(120)}:MGY`;
const refresh2 = `aor${'B'.repeat(120)}:MGY`;
const arn = 'arn:aws:codewhisperer:us-east-1:444455556666:profile/TESTPROFILE1';
const path = '/secret/kiro.json';
const sqlite = '/home/u/.local/share/kiro-cli/data.sqlite3';

type Files = Parameters<typeof filesOf>[0];

const account = (fields: JsonObject) => ({
  id: 'k',
  provider: 'kiro-api' as const,
  ...z.parse(kiroProvider.credential, fields),
});

/** An identity in plain text. */
function read(files: Files, fields: JsonObject = { creds_file: path }): JsonObject {
  const identity = readIdentity(account(fields), filesOf(files));
  const plain = Object.entries(identity).map(([name, value]) => [
    name,
    value instanceof Secret ? value.reveal() : (value as string),
  ]);
  return Object.fromEntries(plain) as JsonObject;
}

function login(files: Files, fields: JsonObject = { creds_file: path }): TokenLogin | undefined {
  return kiroProvider.login?.(account(fields), filesOf(files));
}

const plainFields = (given: TokenLogin) =>
  Object.fromEntries(
    Object.entries(given.fields).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
  );

describe('a file with Kiro’s credentials', () => {
  it.each<[string, Files[string], JsonObject]>([
    [
      'of aiproxy, IdC',
      { client_id: 'c', client_secret: 's', token_url: 'http://127.0.0.1:1/token', refresh_token: 'short' },
      { kind: 'idc', clientId: 'c', clientSecret: 's', tokenUrl: 'http://127.0.0.1:1/token', refreshToken: 'short' },
    ],
    [
      'of aiproxy, social',
      { token_url: 'http://127.0.0.1:1/token', refresh_token: 'short' },
      { kind: 'social', tokenUrl: 'http://127.0.0.1:1/token', refreshToken: 'short' },
    ],
    [
      'of the IDE, social',
      {
        accessToken: 'aoa',
        refreshToken: refresh,
        expiresAt: '2026-11-21T12:00:00.000Z',
        authMethod: 'social',
        provider: 'Google',
        profileArn: arn,
      },
      {
        kind: 'social',
        accessToken: 'aoa',
        refreshToken: refresh,
        expiresAtMs: Date.UTC(2026, 10, 21, 12),
        profileArn: arn,
      },
    ],
    [
      'of kiro.rs',
      [
        { refreshToken: refresh2, authMethod: 'social', disabled: true },
        {
          refreshToken: refresh,
          authMethod: 'idc',
          clientId: 'c',
          clientSecret: 's',
          region: 'eu-west-1',
          apiRegion: 'eu-central-1',
          machineId: 'ab'.repeat(32),
          expiresAt: 1_800_000_000,
        },
      ],
      {
        kind: 'idc',
        refreshToken: refresh,
        clientId: 'c',
        clientSecret: 's',
        authRegion: 'eu-west-1',
        apiRegion: 'eu-central-1',
        machineId: 'ab'.repeat(32),
        expiresAtMs: 1_800_000_000_000,
      },
    ],
    ['of kiro.rs, a key', [{ kiroApiKey: 'ksk_1', authMethod: 'api_key' }], { kind: 'api_key', apiKey: 'ksk_1' }],
    ['of kiro.rs, a key alone', { kiroApiKey: 'ksk_1' }, { kind: 'api_key', apiKey: 'ksk_1' }],
    [
      'of kiro2api',
      [{ auth: 'IdC', refreshToken: refresh, clientId: 'c', clientSecret: 's' }],
      { kind: 'idc', refreshToken: refresh, clientId: 'c', clientSecret: 's' },
    ],
    ['of kiro2api, social', [{ auth: 'Social', refreshToken: refresh }], { kind: 'social', refreshToken: refresh }],
    [
      'of AIClient',
      {
        refreshToken: refresh,
        authMethod: 'builder-id',
        idcRegion: 'us-west-2',
        region: 'us-east-1',
        clientId: 'c',
        clientSecret: 's',
        expiresAt: '1800000000000',
      },
      {
        kind: 'idc',
        refreshToken: refresh,
        authRegion: 'us-west-2',
        clientId: 'c',
        clientSecret: 's',
        expiresAtMs: 1_800_000_000_000,
      },
    ],
    [
      'without its kind but with a provider',
      { refreshToken: refresh, provider: 'Github' },
      { kind: 'social', refreshToken: refresh },
    ],
  ])('may be that %s', (_name, content, expected) => {
    expect(read({ [path]: content })).toEqual(expected);
  });

  it('may have its registration beside it', () => {
    const files = {
      [path]: {
        refreshToken: refresh,
        authMethod: 'IdC',
        provider: 'Enterprise',
        clientIdHash: 'f00',
        region: 'eu-west-1',
      },
      '/secret/f00.json': { clientId: 'c', clientSecret: 's', expiresAt: '2027-01-01T00:00:00Z' },
    };
    expect(read(files)).toEqual({
      kind: 'idc',
      refreshToken: refresh,
      authRegion: 'eu-west-1',
      clientId: 'c',
      clientSecret: 's',
    });
  });

  it.each<[string, JsonObject, JsonObject]>([
    [
      'social',
      {
        'kirocli:social:token': JSON.stringify({
          access_token: 'aoa',
          refresh_token: refresh,
          expires_at: '2026-11-21T12:00:00Z',
          profile_arn: arn,
        }),
      },
      {
        kind: 'social',
        accessToken: 'aoa',
        refreshToken: refresh,
        expiresAtMs: Date.UTC(2026, 10, 21, 12),
        profileArn: arn,
      },
    ],
    [
      'IdC',
      {
        'kirocli:odic:token': JSON.stringify({ refresh_token: refresh, region: 'us-west-2' }),
        'kirocli:odic:device-registration': JSON.stringify({ client_id: 'c', client_secret: 's', region: 'us-west-2' }),
      },
      { kind: 'idc', refreshToken: refresh, authRegion: 'us-west-2', clientId: 'c', clientSecret: 's' },
    ],
    [
      'the latest of several',
      {
        'kirocli:social:token': JSON.stringify({ refresh_token: refresh2, expires_at: 1_700_000_000 }),
        'codewhisperer:odic:token': JSON.stringify({ refresh_token: refresh, expires_at: 1_800_000_000 }),
        'kirocli:odic:device-registration': JSON.stringify({ client_id: 'c', client_secret: 's' }),
        'kirocli:odic:token': '{broken',
      },
      { kind: 'idc', refreshToken: refresh, clientId: 'c', clientSecret: 's', expiresAtMs: 1_800_000_000_000 },
    ],
  ])('may be kiro-cli’s database: %s', (_name, rows, expected) => {
    expect(read({ [sqlite]: rows }, { creds_file: sqlite })).toEqual(expected);
  });

  it('may be a real database', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kiro-'));
    try {
      const file = join(folder, 'data.sqlite3');
      const database = new DatabaseSync(file);
      database.exec('CREATE TABLE auth_kv (key TEXT PRIMARY KEY, value TEXT)');
      const insert = database.prepare('INSERT INTO auth_kv VALUES (?, ?)');
      insert.run('kirocli:social:token', JSON.stringify({ refresh_token: refresh }));
      database.close();
      expect(readIdentity(account({ creds_file: file }), plainFiles())).toMatchObject({ kind: 'social' });
      const ide = join(folder, 'kiro-auth-token.json');
      writeFileSync(ide, JSON.stringify({ refreshToken: refresh, clientIdHash: 'abc' }));
      writeFileSync(join(folder, 'abc.json'), JSON.stringify({ clientId: 'c', clientSecret: 's' }));
      expect(readIdentity(account({ creds_file: ide }), plainFiles())).toMatchObject({ kind: 'idc', clientId: 'c' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('may be a list of which one is chosen', () => {
    const list = [{ refreshToken: refresh }, { refreshToken: refresh2, disabled: true }];
    expect(read({ [path]: list }, { creds_file: path, creds_entry: 2 })).toMatchObject({ refreshToken: refresh2 });
  });

  it('gives way to what is set beside it', () => {
    const content = { refreshToken: refresh, authMethod: 'social', profileArn: arn, region: 'us-east-1' };
    const other = arn.replace('TESTPROFILE1', 'OTHER');
    const fields = {
      creds_file: path,
      profile_arn: other,
      auth_region: 'eu-west-1',
      region: 'eu-central-1',
      token_url: 'http://127.0.0.1:1/',
    };
    expect(read({ [path]: content }, fields)).toMatchObject({
      profileArn: other,
      authRegion: 'eu-west-1',
      apiRegion: 'eu-central-1',
      tokenUrl: 'http://127.0.0.1:1/',
    });
  });

  it.each<[string, Files, string]>([
    ['that is not JSON', { [path]: '{"refreshToken":"secret' }, 'it is not JSON'],
    ['that is a word', { [path]: '"text"' }, 'it is neither an object nor a list'],
    ['with an empty list', { [path]: [] }, 'its list holds no login that is enabled'],
    [
      'with a disabled one',
      { [path]: [{ refreshToken: refresh, disabled: true }] },
      'its list holds no login that is enabled',
    ],
    [
      'of an unknown kind',
      { [path]: { refreshToken: refresh, authMethod: 'constructor' } },
      'its authMethod is none of',
    ],
    [
      'of a foreign kind',
      { [path]: { refreshToken: refresh, authMethod: 'external_idp' } },
      'its authMethod is none of',
    ],
    ['without a token', { [path]: { authMethod: 'social' } }, 'there is no refreshToken in it'],
    ['without a key', { [path]: { authMethod: 'api_key' } }, 'there is no kiroApiKey in it'],
    ['with a key of two lines', { [path]: { kiroApiKey: 'a\nb' } }, 'its key is no single word'],
    ['with a short token', { [path]: { refreshToken: 'aorAAAA' } }, 'its refreshToken is shortened'],
    [
      'with a shortened token',
      { [path]: { refreshToken: `${refresh}...${refresh}` } },
      'its refreshToken is shortened',
    ],
    ['without a client', { [path]: { refreshToken: refresh, authMethod: 'IdC' } }, 'needs clientId and clientSecret'],
    [
      'without its registration',
      { [path]: { refreshToken: refresh, clientIdHash: 'f00' } },
      'its registration /secret/f00.json is missing',
    ],
    [
      'with a registration elsewhere',
      { [path]: { refreshToken: refresh, clientIdHash: '../f00' } },
      'its clientIdHash is no file name',
    ],
    [
      'with a broken registration',
      { [path]: { refreshToken: refresh, clientIdHash: 'f00' }, '/secret/f00.json': '{' },
      '/secret/f00.json: it is not JSON',
    ],
    [
      'with a list for a registration',
      { [path]: { refreshToken: refresh, clientIdHash: 'f00' }, '/secret/f00.json': '[]' },
      '/secret/f00.json: it is not an object',
    ],
    [
      'with a token URL that is none',
      { [path]: { refreshToken: refresh, token_url: 'http://169.254.169.254/' } },
      'its tokenUrl is no address',
    ],
  ])('is refused %s', (_name, files, message) => {
    const fault = faultOf(() => read(files));
    expect(fault).toMatchObject({ code: 'kiro_credentials_unusable', source: 'config', field: 'creds_file' });
    expect(fault.message).toContain(`creds_file: ${path}: `);
    expect(fault.message).toContain(message);
    expect(fault.message).not.toContain('AAAA');
    expect(fault.message.split('\n')).toHaveLength(1);
  });

  it('is refused when it lacks the login that is chosen', () => {
    const fault = faultOf(() => read({ [path]: [{ refreshToken: refresh }] }, { creds_file: path, creds_entry: 2 }));
    expect(fault.message).toBe(`creds_file: ${path}: it has no login number 2 (creds_entry)`);
  });

  it('is refused when it is a database without a login', () => {
    const fault = faultOf(() => read({ [sqlite]: {} }, { creds_file: sqlite }));
    expect(fault.message).toBe(`creds_file: ${sqlite}: its table auth_kv holds no login; run kiro-cli login`);
  });
});

describe('the settings of a Kiro account', () => {
  it.each<JsonObject>([
    {},
    { api_key: 'a b' },
    { creds_file: path, creds_entry: 0 },
    { creds_file: path, host: 'codewhisperer' },
    { creds_file: path, machine_id: 'x' },
    { creds_file: path, client_version: '1 2' },
    { creds_file: path, profile_arn: 'x' },
  ])('cannot be %j', (fields) => {
    expect(() => account(fields)).toThrow(z.ZodError);
  });

  it('name the field of an inline login', () => {
    const fault = faultOf(() => read({}, { refresh_token: 'short' }));
    expect(fault).toMatchObject({
      field: 'refresh_token',
      message: 'refresh_token: its refreshToken is shortened; copy the whole of it',
    });
  });
});

describe('a Kiro login', () => {
  it('is refreshed at Kiro’s own service where it is social', () => {
    const content = {
      refreshToken: refresh,
      accessToken: 'aoa',
      expiresAt: 1_800_000_000,
      profileArn: arn,
      authMethod: 'social',
    };
    const given = login({ [path]: content })!;
    expect(given).toMatchObject({
      url: 'https://prod.us-east-1.auth.desktop.kiro.dev/refreshToken',
      encoding: 'json',
      naming: 'camel',
      fields: {},
      finalStatuses: [401],
      keeps: ['profile_arn'],
      issued: { expiresAtMs: 1_800_000_000_000, extras: { profile_arn: arn } },
    });
    expect(given.headers).toEqual(['user-agent', 'KiroIDE-0.12.0']);
    expect(given.issued?.accessToken.reveal()).toBe('aoa');
    expect(given.refreshToken.reveal()).toBe(refresh);
  });

  it('is refreshed at AWS where it is not', () => {
    const fields = { refresh_token: refresh, client_id: 'c', client_secret: 's', auth_region: 'eu-west-1' };
    const given = login({}, fields)!;
    expect(given.url).toBe('https://oidc.eu-west-1.amazonaws.com/token');
    expect(plainFields(given)).toEqual({ grant_type: 'refresh_token', client_id: 'c', client_secret: 's' });
    expect(given.reread).toBeUndefined();
    expect(given.issued).toBeUndefined();
  });

  it('is refreshed where it says', () => {
    const given = login({ [path]: { refresh_token: 'r', token_url: 'http://127.0.0.1:1/refreshToken' } })!;
    expect(given.url).toBe('http://127.0.0.1:1/refreshToken');
  });

  it('is none with a key', () => {
    expect(login({}, { api_key: 'ksk_1' })).toBeUndefined();
  });

  it('is read again from its file', () => {
    const content: Record<string, string | JsonObject> = { [path]: { refreshToken: refresh } };
    const given = login(content)!;
    expect(given.reread?.()).toBeUndefined();
    content[path] = { refreshToken: refresh2 };
    expect(given.reread?.()?.refreshToken.reveal()).toBe(refresh2);
    content[path] = '{"refreshToken":';
    expect(given.reread?.()).toBeUndefined();
  });
});
