import { join } from 'node:path';
import { expect, it } from 'vitest';
import { configurationDocument } from '../../node/config/documentation.ts';
import { flags } from '../../node/config/flag-list.ts';
import { providers } from '../../node/providers/registry.ts';

/** `vitest run test/docs -u` writes it anew. */
it('docs/configuration.md is what the schemas say', async () => {
  await expect(configurationDocument()).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/configuration.md'));
});

it('describes every setting, flag and provider', () => {
  const text = configurationDocument();
  for (const flag of flags) expect(text).toContain(`\`--${flag.name}`);
  for (const id of providers.keys()) expect(text).toContain(`### Accounts of ${id}`);
  expect(text.split('\n').filter((line) => /^\| `[^`]+` \|.*\|\s*\|$/.test(line))).toEqual([]);
});
