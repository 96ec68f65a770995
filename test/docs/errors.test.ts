import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { errorsPage } from './errors-page.ts';
import { faultTables } from './fault-tables.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tables = await faultTables(root);

describe('docs/errors.md', () => {
  it('is what the code says (vitest run test/docs -u writes it)', async () => {
    await expect(await errorsPage(tables)).toMatchFileSnapshot(`${root}/docs/errors.md`);
  });

  it('finds the tables of the rooms', () => {
    const rooms = tables.map(({ room }) => room);
    expect(rooms).toEqual(expect.arrayContaining(['node/auth', 'node/http', 'node/protocols']));
  });
});

describe('fault codes', () => {
  const all = tables.flatMap(({ room, specs }) => Object.entries(specs).map(([code, spec]) => ({ room, code, spec })));

  it('are declared once in the whole product', () => {
    const seen = new Map<string, string>();
    for (const { room, code } of all) {
      expect(seen.get(code), `${code} is declared in ${room} too`).toBeUndefined();
      seen.set(code, room);
    }
  });

  it('are snake case, with a status that HTTP has and a sentence that says what happened', () => {
    for (const { code, spec } of all) {
      expect(code).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(spec.status, code).toBeGreaterThanOrEqual(400);
      expect(spec.status, code).toBeLessThanOrEqual(599);
      expect(spec.summary, code).toMatch(/^[A-Z].+\.$/);
    }
  });
});
