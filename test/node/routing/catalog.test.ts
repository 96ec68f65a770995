import { expect, test } from 'vitest';
import type { ProviderId } from '../../../node/providers/contract.ts';
import { Catalog, modelNameLengthMax, resolvedNamesMax } from '../../../node/routing/catalog.ts';
import { at, pool } from '../accounts/pool.ts';
import { nearestNames } from '../../../node/routing/nearest.ts';

const providers: ProviderId[] = ['openai-custom', 'claude-custom', 'oci'];

function catalog(definitions: Parameters<typeof pool>[0], aliases: Record<string, string> = {}) {
  const made = pool(definitions);
  return { ...made, catalog: new Catalog({ accounts: made.accounts, providers, aliases }) };
}

const listed = [
  { id: 'one', models: ['gpt-4o', 'gpt-4o-mini', 'meta-llama/llama-3'] },
  { id: 'two', provider: 'oci' as const, models: ['xai.grok-4', 'gpt-4o'] },
];

test('a listed name is itself, with or without a slash', () => {
  const { catalog: names } = catalog(listed);
  expect(names.resolve('gpt-4o')).toEqual({ model: 'gpt-4o', provider: undefined });
  expect(names.resolve('meta-llama/llama-3')).toEqual({ model: 'meta-llama/llama-3', provider: undefined });
  const ids = (name: string) => names.servers(names.resolve(name)).map(({ id }) => id);
  expect(ids('gpt-4o')).toEqual(['one', 'two']);
  expect(ids('xai.grok-4')).toEqual(['two']);
});

test('aliases lead on, also to a provider and to another alias; a circle ends', () => {
  const { catalog: names } = catalog(listed, {
    fast: 'gpt-4o-mini',
    faster: 'fast',
    'my-model': 'oci/xai.grok-4',
    round: 'about',
    about: 'round',
  });
  expect(names.resolve('faster')).toEqual({ model: 'gpt-4o-mini', provider: undefined });
  expect(names.resolve('my-model')).toEqual({ model: 'xai.grok-4', provider: 'oci' });
  expect(() => names.resolve('round')).toThrow(expect.objectContaining({ code: 'unknown_model' }));
});

test('a listed name goes before an alias, and a person’s name before a friendly one', () => {
  const { catalog: names } = catalog(listed, { 'gpt-4o': 'gpt-4o-mini', grok: 'gpt-4o-mini' });
  names.setFriendlyNames({ grok: 'xai.grok-4', 'grok-4': 'xai.grok-4' });
  expect(names.resolve('gpt-4o').model).toBe('gpt-4o');
  expect(names.resolve('grok').model).toBe('gpt-4o-mini');
  expect(names.resolve('grok-4').model).toBe('xai.grok-4');
  expect(names.resolve('oci/grok-4')).toEqual({ model: 'xai.grok-4', provider: 'oci' });
});

test('provider/model asks that provider alone', () => {
  const { catalog: names } = catalog(listed);
  const resolved = names.resolve('oci/gpt-4o');
  expect(resolved).toEqual({ model: 'gpt-4o', provider: 'oci' });
  expect(names.servers(resolved).map(({ id }) => id)).toEqual(['two']);
  expect(() => names.resolve('claude-custom/gpt-4o')).toThrow(expect.objectContaining({ status: 404 }));
});

test('each of the nearest names is said once', () => {
  expect(nearestNames('grok', ['grok-4', 'grok-4', 'grok-3', 'grok-4'])).toEqual(['grok-4', 'grok-3']);
});

test('an unknown name is 404 with the nearest names, at most five', () => {
  const { catalog: names } = catalog(listed, { fast: 'gpt-4o-mini' });
  const fault = expect.objectContaining({ code: 'unknown_model', status: 404, field: 'model' });
  expect(() => names.resolve('gpt4o')).toThrow(fault);
  expect(() => names.resolve('gpt4o')).toThrow(/unknown model "gpt4o"; the nearest names are gpt-4o, /);
  expect(() => names.resolve('gpt4o')).toThrow(/: [^,]+(, [^,]+){0,4}$|are [^,]+(, [^,]+){0,4}$/);
  for (const odd of ['', 'x'.repeat(modelNameLengthMax + 1), 'x'.repeat(1_000_000), '__proto__', 'constructor']) {
    expect(() => names.resolve(odd)).toThrow(fault);
  }
});

test('an account without a known list, or one that says so, takes any name', () => {
  const open = catalog([...listed, { id: 'any', provider: 'claude-custom' }]);
  expect(open.catalog.servers(open.catalog.resolve('brand-new')).map(({ id }) => id)).toEqual(['any']);
  expect(open.catalog.servers(open.catalog.resolve('gpt-4o')).map(({ id }) => id)).toEqual(['one', 'two', 'any']);
  expect(open.catalog.resolve('claude-custom/x/y')).toEqual({ model: 'x/y', provider: 'claude-custom' });
  const willing = catalog([{ models: ['a'], acceptsUnknownModels: true }]);
  expect(willing.catalog.resolve('brand-new').model).toBe('brand-new');
});

test('discovery makes a list known, a failed one unknown again', () => {
  const { catalog: names, accounts } = catalog([{ id: 'one' }]);
  const before = names.version;
  names.setDiscovered('one', [{ id: 'found' }]);
  expect(names.version).toBeGreaterThan(before);
  expect(names.resolve('found').model).toBe('found');
  expect(() => names.resolve('other')).toThrow(expect.objectContaining({ code: 'unknown_model' }));
  names.setDiscovered('one', undefined);
  expect(names.resolve('other').model).toBe('other');
  accounts.update('one', { models: ['mine'] });
  expect(() => names.resolve('other')).toThrow(expect.objectContaining({ code: 'unknown_model' }));
});

test('models of all accounts are merged without duplicates, with aliases, and without disabled accounts', () => {
  const { catalog: names, accounts } = catalog(listed, {
    fast: 'gpt-4o-mini',
    grok: 'oci/xai.grok-4',
    gone: 'nothing',
  });
  names.setDiscovered('two', [{ id: 'gpt-4o', displayName: 'GPT-4o', created: 5, ownedBy: 'openai' }]);
  expect(names.mergedModels().map(({ id, providers }) => [id, providers])).toEqual([
    ['fast', ['openai-custom']],
    ['gpt-4o', ['openai-custom', 'oci']],
    ['gpt-4o-mini', ['openai-custom']],
    ['grok', ['oci']],
    ['meta-llama/llama-3', ['openai-custom']],
    ['xai.grok-4', ['oci']],
  ]);
  expect(at(names.mergedModels(), 1)).toMatchObject({ displayName: 'GPT-4o', created: 5, ownedBy: 'openai-custom' });
  accounts.disable('two');
  expect(names.mergedModels().map(({ id }) => id)).not.toContain('xai.grok-4');
});

test('100,000 random names leave a bounded memory', () => {
  const { catalog: names } = catalog([{}]);
  for (let each = 0; each < 100_000; each++) names.resolve(`random-${each}`);
  expect(names.resolvedCount).toBe(resolvedNamesMax);
});

const grok = [{ id: 'xai.grok-4', aliases: ['grok-4'], displayName: 'Grok 4' }];

test('another name that an upstream has for a model leads to it, and both are listed', () => {
  const { catalog: names } = catalog([{ id: 'one', provider: 'oci' as const }]);
  names.setDiscovered('one', grok);
  expect(names.resolve('grok-4')).toEqual({ model: 'xai.grok-4', provider: undefined });
  expect(names.resolve('oci/grok-4')).toEqual({ model: 'xai.grok-4', provider: 'oci' });
  expect(names.mergedModels().map(({ id, ownedBy }) => [id, ownedBy])).toEqual([
    ['grok-4', 'oci'],
    ['xai.grok-4', 'oci'],
  ]);
  expect(() => names.resolve('grok-5')).toThrow(/grok-4/);
});

test('a person’s own name goes before it, and so does a name that another account lists', () => {
  const { catalog: names } = catalog(
    [
      { id: 'one', provider: 'oci' as const },
      { id: 'two', models: ['grok-4', 'other'] },
    ],
    { fast: 'other' },
  );
  names.setDiscovered('one', [{ id: 'xai.grok-4', aliases: ['grok-4', 'fast', 'slow'] }]);
  expect(names.resolve('grok-4')).toEqual({ model: 'grok-4', provider: undefined });
  expect(names.resolve('fast')).toEqual({ model: 'other', provider: undefined });
  expect(names.resolve('slow').model).toBe('xai.grok-4');
  expect(names.resolve('oci/grok-4')).toEqual({ model: 'xai.grok-4', provider: 'oci' });
  const listing = names.mergedModels();
  expect(listing.map(({ id }) => id)).toEqual(['fast', 'grok-4', 'other', 'slow', 'xai.grok-4']);
  expect(listing.find(({ id }) => id === 'fast')?.ownedBy).toBe('openai-custom');
});

test('of two accounts that have another name for different models, one that is enabled is heard', () => {
  const made = catalog([
    { id: 'one', provider: 'oci' as const },
    { id: 'two', provider: 'claude-custom' as const },
  ]);
  made.catalog.setDiscovered('one', [{ id: 'xai.grok-4', aliases: ['grok-4'] }]);
  made.catalog.setDiscovered('two', [{ id: 'grok.v4', aliases: ['grok-4'] }]);
  expect(made.catalog.resolve('grok-4').model).toBe('xai.grok-4');
  expect(made.catalog.resolve('claude-custom/grok-4').model).toBe('grok.v4');
  made.accounts.disable('one');
  expect(made.catalog.resolve('grok-4').model).toBe('grok.v4');
});

test('names for models that the account may not serve are not taken, and the number of names is bounded', () => {
  const { catalog: names } = catalog([{ id: 'one', models: ['a'] }]);
  const aliases = Array.from({ length: 20 }, (_, index) => `a${index}`);
  names.setDiscovered('one', [
    { id: 'a', aliases },
    { id: 'b', aliases: ['bee'] },
  ]);
  expect(names.mergedModels().map(({ id }) => id)).toEqual(['a', ...aliases.slice(0, 8)]);
  expect(() => names.resolve('bee')).toThrow(expect.objectContaining({ code: 'unknown_model' }));
});
