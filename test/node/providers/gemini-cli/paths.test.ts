import { expect, test } from 'vitest';
import { geminiProvider } from '../../../../node/providers/gemini-cli/index.ts';
import { providerEnvironment } from '../../../suites/provider-environment.ts';

const token = { isUsable: true, current: () => 'at', extra: () => undefined, refused: () => undefined };

function open(fields: Record<string, unknown>) {
  const credential = geminiProvider.credential.parse(fields);
  return geminiProvider.open({ id: 'one', provider: 'gemini-cli', ...credential }, providerEnvironment({ token }));
}

test.each([
  ['/v1beta/models', true],
  ['/v1/models/gemini-2.5-pro:generateContent', true],
  ['/v1internal:generateContent', false],
  ['/v1internal/operations/one', false],
])('%s is a path of the public API: %s; logins and keys have different ones', (path, isPublic) => {
  expect(open({ api_key: 'key' }).hasPath?.(path)).toBe(isPublic);
  expect(open({ refresh_token: 'rt', client_secret: 's' }).hasPath?.(path)).toBe(!isPublic);
});

test("a login's own headers go with every request, in the place of others of their names", () => {
  const headers = { 'X-Team': 'blue', 'User-Agent': 'ours/1' };
  const upstream = open({ refresh_token: 'rt', client_secret: 's', headers });
  const given = { method: 'GET', path: '/v1internal/operations/one', headers: ['x-team', 'red'], body: undefined };
  for (const request of [upstream.transparent(given), upstream.probe(undefined)]) {
    const names = request.headers.filter((_, index) => index % 2 === 0);
    expect(names.length).toBe(new Set(names).size);
    expect(Object.fromEntries(names.map((name, index) => [name, request.headers[index * 2 + 1]]))).toMatchObject({
      'x-team': 'blue',
      'user-agent': 'ours/1',
    });
  }
});
