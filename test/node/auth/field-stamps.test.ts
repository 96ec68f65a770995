import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merged, readStamps, stampsAfter, stampsField, type Stamped } from '../../../node/auth/field-stamps.ts';

interface Fields {
  readonly name: string;
  readonly isEnabled?: boolean;
  readonly models?: readonly string[];
}

type Change = Partial<Record<keyof Fields, unknown>>;

const made: Stamped<Fields> = { value: { name: 'made', isEnabled: true }, stamps: {} };

function changed(before: Stamped<Fields>, change: Change, nowMs: number): Stamped<Fields> {
  const entries = Object.entries({ ...before.value, ...change }).filter(([, value]) => value !== undefined);
  const value = Object.fromEntries(entries) as unknown as Fields;
  return { value, stamps: stampsAfter(before, value, nowMs) };
}

const changes = fc.array(
  fc.record({
    atMs: fc.nat(1000),
    change: fc.record(
      {
        name: fc.string({ maxLength: 3 }),
        isEnabled: fc.boolean(),
        models: fc.option(fc.array(fc.string({ maxLength: 2 }), { maxLength: 2 }), { nil: undefined }),
      },
      { requiredKeys: [] },
    ),
  }),
  { maxLength: 6 },
);

const after = (steps: readonly { atMs: number; change: Change }[]) =>
  steps.reduce((record, { atMs, change }) => changed(record, change, atMs), made);

describe('two who changed a record without knowing of each other', () => {
  it('undo nothing of each other, whichever was written last', () => {
    const disabled = changed(made, { isEnabled: false }, 1000);
    const renamed = changed(made, { name: 'renamed' }, 2000);
    const both = { name: 'renamed', isEnabled: false };
    expect(merged(renamed, disabled).value).toEqual(both);
    expect(merged(disabled, renamed).value).toEqual(both);
  });

  it('take restrictions away and set them, the later of one field', () => {
    const limited = changed(made, { models: ['a'] }, 1);
    const [free, narrowed] = [changed(limited, { models: undefined }, 3), changed(limited, { models: ['b'] }, 2)];
    expect(merged(narrowed, free).value).toEqual({ name: 'made', isEnabled: true });
    expect(merged(free, narrowed)).toBe(free);
  });

  it('come to the same at whoever sees both, in whatever order, and to nothing new after that', () => {
    fc.assert(
      fc.property(changes, changes, (ones, others) => {
        // Times of their own, as clocks of two members have: what is equal to the millisecond is left to the record.
        const one = after(ones.map(({ atMs, change }) => ({ atMs: atMs * 2, change })));
        const other = after(others.map(({ atMs, change }) => ({ atMs: atMs * 2 + 1, change })));
        const [here, there] = [merged(one, other), merged(other, one)];
        const isTied = Object.keys(one.stamps).some((name) => one.stamps[name] === other.stamps[name]);
        if (!isTied) expect(here).toEqual(there);
        expect(merged(here, one)).toBe(here);
        expect(merged(here, other)).toBe(here);
      }),
    );
  });
});

describe('a change of what is known', () => {
  it('is later than what it changes, however slow the clock', () => {
    const ahead = changed(made, { name: 'by a clock ahead' }, 9000);
    const later = changed(ahead, { name: 'by a clock behind' }, 10);
    expect(merged(later, ahead)).toBe(later);
    expect(merged(ahead, later).value.name).toBe('by a clock behind');
  });

  it('stamps nothing that stays as it is', () => {
    expect(changed(made, { name: 'made', isEnabled: true }, 5).stamps).toEqual({});
    const listed = changed(made, { models: ['a'] }, 5);
    expect(changed(listed, { models: ['a'] }, 6).stamps).toEqual(listed.stamps);
  });
});

describe('stamps that a member sends', () => {
  it.each([
    [undefined],
    [null],
    ['text'],
    [{}],
    [{ [stampsField]: 'text' }],
    [{ [stampsField]: { name: 1.5 } }],
    [{ [stampsField]: { name: -1 } }],
    [{ [stampsField]: { name: 9e15 } }],
    [{ [stampsField]: { name: '1' } }],
  ])('are none where they cannot be read: %j', (payload) => expect(readStamps(payload, ['name'])).toEqual({}));

  it('are of the fields that there are, and of no others', () => {
    const payload = JSON.parse(
      `{"${stampsField}": {"name": 5, "__proto__": 6, "constructor": 7, "other": 8}}`,
    ) as unknown;
    expect(readStamps(payload, ['name', 'isEnabled'])).toEqual({ name: 5 });
  });
});
