import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryStore, meshOf, type StateMesh } from '../state-mesh/state-mesh.ts';

const nowMs = 1_700_000_000_000;

/** `n3` says anything at all, to `n2` or those named. */
function say(mesh: StateMesh, record: unknown, to: readonly string[] = ['n2']): void {
  for (const node of to) mesh.node('n3').post.send(node, 'records/push', { r: [record], p: 0 });
  mesh.advance(2);
}

describe('a hostile member', () => {
  it.each([
    ['nothing', null],
    ['no table', ['', 'a', nowMs, 0, 'n3', false, 1]],
    ['a table without end', ['x'.repeat(41), 'a', nowMs, 0, 'n3', false, 1]],
    ['an id without end', ['accounts', 'x'.repeat(201), nowMs, 0, 'n3', false, 1]],
    ['an id with half a character', ['accounts', 1, nowMs, 0, 'n3', false, 1]],
    ['a stamp that is no number', ['accounts', 'a', Number.NaN, 0, 'n3', false, 1]],
    ['a stamp before all time', ['accounts', 'a', -1, 0, 'n3', false, 1]],
    ['a stamp between two', ['accounts', 'a', 1.5, 0, 'n3', false, 1]],
    ['a count beyond counting', ['accounts', 'a', nowMs, 2 ** 53 - 1, 'n3', false, 1]],
    ['a term beyond counting', ['tokens', 'a', 2 ** 53 - 1, 0, 'n3', false, 1]],
    ['no writer', ['accounts', 'a', nowMs, 0, '', false, 1]],
    ['a payload without end', ['accounts', 'a', nowMs, 0, 'n3', false, 'x'.repeat(70_000)]],
  ])('that writes %s is refused', (_name, record) => {
    const mesh = meshOf(3);
    say(mesh, record);
    expect(mesh.node('n2').post.refused).toBe(1);
    expect([...mesh.node('n2').post.refusals]).toEqual(['record_malformed']);
    expect(mesh.node('n2').records.digest()).toBe(mesh.node('n1').records.digest());
  });

  it('does not write from the future, nor push the clocks of others there', () => {
    const mesh = meshOf(3);
    mesh.node('n2').records.put('accounts', 'a', 'here');
    say(mesh, ['accounts', 'a', nowMs + 20_000, 0, 'n3', false, 'future']);
    expect(mesh.node('n2').records.get('accounts', 'a')?.payload).toBe('here');
    expect(mesh.node('n2').records.put('accounts', 'b', 1).stamp.major).toBeLessThan(nowMs + 5000);
    say(mesh, ['accounts', 'a', nowMs + 5000, 0, 'n3', false, 'a little ahead']);
    expect(mesh.node('n2').records.get('accounts', 'a')?.payload).toBe('a little ahead');
    mesh.node('n2').records.put('accounts', 'a', 'after that');
    mesh.advance(10);
    expect(mesh.node('n1').records.get('accounts', 'a')?.payload).toBe('after that');
  });

  it('does not block the writes of leaders with a term that no election led to', () => {
    const mesh = meshOf(3);
    const { records } = mesh.node('n2');
    say(mesh, ['tokens', 'a', 2 ** 48, 0, 'n3', false, 'absurd']);
    say(mesh, ['tokens', 'b', 1_000_006, 0, 'n3', true, null]);
    expect([...records.list('tokens')]).toEqual([]);
    expect(records.putStamped('tokens', 'a', 'token', { major: 6, minor: 0 })?.payload).toBe('token');
    expect(records.putStamped('tokens', 'b', 'token', { major: 6, minor: 0 })?.payload).toBe('token');
    say(mesh, ['tokens', 'a', 1_000_005, 0, 'n3', false, 'far ahead']);
    expect(records.get('tokens', 'a')?.payload).toBe('far ahead');
  });

  it.each([
    ['a record', 1_000_005, 0, false, { major: 1_000_005, minor: 1 }],
    ['a deletion', 1_000_004, 7, true, { major: 1_000_004, minor: 8 }],
    ['the last count of a term', 1_000_004, 2 ** 32, false, { major: 1_000_005, minor: 0 }],
    ['the last count of the last term', 1_000_005, 2 ** 32, false, { major: 1_000_006, minor: 0 }],
  ])('whose stamp is ahead by %s is followed by who insists', (_name, major, minor, isDeleted, stamp) => {
    const mesh = meshOf(3);
    const { records } = mesh.node('n2');
    say(mesh, ['tokens', 'a', major, minor, 'n3', isDeleted, isDeleted ? null : 'garbage'], ['n1', 'n2']);
    expect(records.putStamped('tokens', 'a', 'token', { major: 6, minor: 2 })).toBeUndefined();
    expect(records.putStamped('tokens', 'a', 'token', { major: 6, minor: 2 }, true)?.stamp).toEqual(stamp);
    mesh.advance(10);
    expect(mesh.node('n1').records.get('tokens', 'a')?.payload).toBe('token');
  });

  it('whose stamp was the last of all on a disk cannot be followed, and nothing is sent that all would refuse', () => {
    const mesh = meshOf(2);
    const store = new MemoryStore();
    const stamp = { major: 2 ** 48, minor: 2 ** 32 };
    store.kept.set('a', { table: 'tokens', id: 'a', stamp, writer: 'n3', payload: 'last', isDeleted: false });
    const { records } = mesh.start('n9', { store });
    expect(records.putStamped('tokens', 'a', 'token', { major: 6, minor: 2 }, true)).toBeUndefined();
    expect(() => records.remove('tokens', 'a')).toThrow(/newer than any/);
  });

  it('does not fill the memory with tables or records, and leaves room for ours', () => {
    const mesh = meshOf(3);
    mesh.node('n2').records.watch('accounts', () => undefined);
    for (let index = 0; index < 100; index++) say(mesh, [`junk${index}`, 'a', nowMs, 0, 'n3', false, 1]);
    for (let chunk = 0; chunk < 110; chunk++) {
      const r = Array.from({ length: 500 }, (_, index) => [
        'accounts',
        `a${chunk * 500 + index}`,
        nowMs,
        0,
        'n3',
        false,
        1,
      ]);
      mesh.node('n2').post.receive('n3', 'records/push', { r, p: 0 });
    }
    const { records } = mesh.node('n2');
    const tables = Array.from({ length: 100 }, (_, index) => [...records.list(`junk${index}`)].length);
    expect(tables.filter((size) => size > 0).length).toBeLessThanOrEqual(16);
    expect([...records.list('accounts')]).toHaveLength(50_000);
    expect(records.put('groups', 'a', 1).payload).toBe(1);
  });

  it.each([
    ['too many records', { r: Array.from({ length: 501 }, () => ['accounts', 'a', nowMs, 0, 'n3', false, 1]), p: 0 }],
    ['no records', { p: 0 }],
    ['no passes', { r: [], p: 'x' }],
    ['nothing', 7],
  ])('that pushes %s is refused', (_name, body) => {
    const mesh = meshOf(3);
    mesh.node('n2').post.receive('n3', 'records/push', body);
    expect(mesh.node('n2').post.refused).toBe(1);
    expect([...mesh.node('n2').post.refusals]).toEqual(['record_malformed']);
  });

  it('that answers comparisons with garbage keeps nobody from being current', () => {
    const mesh = meshOf(3);
    for (const service of ['records/compare', 'records/bucket']) {
      mesh.node('n3').post.serve(service, (_from, _body, answer) => answer({ t: [['x', -1]], r: 'no' }));
    }
    mesh.node('n1').clock.freeze();
    mesh.advance(3000);
    mesh.node('n1').clock.thaw();
    mesh.advance(500);
    expect(mesh.node('n1').records.isCurrent()).toBe(true);
  });

  it('that invents differences without end gets no endless work done', () => {
    const mesh = meshOf(3);
    let questions = 0;
    mesh.node('n3').post.serve('records/bucket', (_from, _body, answer) => {
      questions++;
      answer({ c: true, r: [], w: [], u: 'same' });
    });
    mesh
      .node('n3')
      .post.serve('records/compare', (_from, _body, answer) =>
        answer({ c: true, t: [['accounts', 0, 0, Array.from({ length: 128 }, () => 1)]] }),
      );
    mesh.node('n1').records.put('accounts', 'a', 1);
    mesh.advance(10_000);
    expect(questions).toBeLessThan(64 * 2 * 2 * 12);
    expect(mesh.node('n1').records.isCurrent()).toBe(true);
  });

  it('only ever provokes our own errors', () => {
    const mesh = meshOf(2);
    const wire = fc.tuple(
      fc.constantFrom('accounts', 'tokens', 'x'),
      fc.string(),
      fc.nat(nowMs),
      fc.nat(5),
      fc.string(),
      fc.boolean(),
      fc.anything({ withBigInt: false }),
    );
    const listed = fc.tuple(fc.string(), fc.nat(5), fc.nat(5), fc.string(), fc.nat(5), fc.nat(5));
    const body = fc.oneof(
      fc.anything({ withBigInt: false }),
      fc.record({ r: fc.oneof(wire, fc.array(wire)), p: fc.nat(10) }),
      fc.record({ t: fc.array(fc.tuple(fc.string(), fc.nat(5), fc.nat(5), fc.array(fc.nat(), { maxLength: 3 }))) }),
      fc.record({ t: fc.string(), b: fc.nat(70), a: fc.string(), l: fc.array(listed), e: fc.boolean() }),
    );
    const kinds = fc.constantFrom('records/push', 'records/confirm', 'records/compare', 'records/bucket');
    fc.assert(
      fc.property(body, kinds, (body, kind) => {
        const { post } = mesh.node('n2');
        if (kind === 'records/push') post.receive('n1', kind, body);
        else post.question('n1', kind, body, () => undefined);
      }),
      { numRuns: 2000, seed: 5 },
    );
    expect([...mesh.node('n2').post.refusals]).toEqual(['record_malformed']);
  });
});
